/** The centroid that is nearest to a row; of equals the first. */
export function nearestCentroid(centroids: Float32Array, rows: Float32Array, start: number, width: number): number {
  let [best, least] = [0, Infinity];
  for (let at = 0, own = 0; at < centroids.length; at += width, own++) {
    let distance = 0;
    for (let c = 0; c < width && distance < least; c++) distance += (rows[start + c]! - centroids[at + c]!) ** 2;
    if (distance < least) [best, least] = [own, distance];
  }
  return best;
}

/**
 * k-means (Lloyd's rounds), from rows that lie evenly among all, so that there is no chance in it. A centroid that nobody goes to stays where it is.
 * @param rows [n][width] @returns [count][width]; all 0 where there are no rows
 */
export function centroidsOf(rows: Float32Array, width: number, count: number, rounds: number): Float32Array {
  const n = rows.length / width;
  const centroids = new Float32Array(count * width);
  if (!n) return centroids;
  for (let own = 0; own < count; own++) {
    const from = Math.floor(((own + 0.5) * n) / count) * width;
    centroids.set(rows.subarray(from, from + width), own * width);
  }
  for (let round = 0; round < rounds; round++) {
    const sums = new Float64Array(count * width);
    const members = new Int32Array(count);
    for (let start = 0; start < rows.length; start += width) {
      const own = nearestCentroid(centroids, rows, start, width);
      members[own]!++;
      for (let c = 0; c < width; c++) sums[own * width + c]! += rows[start + c]!;
    }
    sums.forEach((sum, at) => {
      const size = members[Math.floor(at / width)]!;
      if (size) centroids[at] = sum / size;
    });
  }
  return centroids;
}
