/** How far numbers are from what they should be. */
export interface NumberError {
  /** Of |x - x^|. */
  readonly max: number;
  readonly mean: number;
  readonly rms: number;
  /** The rms over that of x: 0 where nothing differs, about 1 where nothing is left. */
  readonly relative: number;
}

/** @param is lists of numbers, such as the rows of several heads @param decoded the same, as they are read back */
export function errorOf(is: readonly ArrayLike<number>[], decoded: readonly ArrayLike<number>[]): NumberError {
  let [max, sum, squares, size, count] = [0, 0, 0, 0, 0];
  is.forEach((list, at) => {
    for (let i = 0; i < list.length; i++) {
      const off = Math.abs(list[i]! - decoded[at]![i]!);
      max = Math.max(max, off);
      sum += off;
      squares += off * off;
      size += list[i]! * list[i]!;
    }
    count += list.length;
  });
  if (!count) return { max: 0, mean: 0, rms: 0, relative: 0 };
  return {
    max,
    mean: sum / count,
    rms: Math.sqrt(squares / count),
    relative: squares === 0 ? 0 : Math.sqrt(squares / size),
  };
}
