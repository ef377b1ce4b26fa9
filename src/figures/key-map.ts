/** A head's numbers as ink: tokens across, channels down, a few shades, and one path a shade, as a page with a rectangle a number would be heavy. */

/** Shades above none. */
export const shades = 7;

/** The shade of a number. @param full the size that has all the ink */
export const shadeOf = (x: number, full: number): number =>
  full > 0 ? Math.min(shades, Math.round((shades * Math.abs(x)) / full)) : 0;

/** A size that one number in a hundred reaches: with all the ink from there on, a few large numbers leave some for the others. */
export const usualMost = (rows: Float32Array): number => rows.map(Math.abs).sort()[Math.floor(0.99 * rows.length)] ?? 0;

/**
 * @param rows [tokens][width]
 * @returns [shades] path data, of strokes 1 high: a number at token t and channel c covers t to t + 1 at the height c
 */
export function shadePaths(rows: Float32Array, width: number, full: number): string[] {
  const tokens = rows.length / width;
  const paths = new Array<string>(shades).fill('');
  for (let channel = 0; channel < width; channel++) {
    const shade = (token: number) => (token < tokens ? shadeOf(rows[token * width + channel]!, full) : -1);
    for (let from = 0; from < tokens;) {
      let to = from + 1;
      while (shade(to) === shade(from)) to++;
      if (shade(from)) paths[shade(from) - 1] += `M${from} ${channel}h${to - from}`;
      from = to;
    }
  }
  return paths;
}

/** Root mean square of each channel. @param rows [tokens][width] */
export function channelSizes(rows: Float32Array, width: number): Float64Array {
  const squares = new Float64Array(width);
  rows.forEach((x, i) => (squares[i % width]! += x * x));
  return squares.map((sum) => Math.sqrt((sum * width) / Math.max(1, rows.length)));
}
