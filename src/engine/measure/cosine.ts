/** Of two vectors of the same length; 0 where one of them is nothing. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let c = 0; c < a.length; c++) {
    dot += a[c]! * b[c]!;
    aa += a[c]! ** 2;
    bb += b[c]! ** 2;
  }
  return aa && bb ? dot / Math.sqrt(aa * bb) : 0;
}
