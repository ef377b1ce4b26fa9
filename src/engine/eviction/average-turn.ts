import type { Rope } from '../model/rope.ts';

/** Turns a vector of headDim numbers as the coming positions would on average, in place. */
export type Turn = (x: Float64Array) => Float64Array;

/**
 * The mean of RoPE's rotations at positions from .. from + positions - 1. Pairs that turn fast are shrunk to nearly nothing: where they will point is
 * not known.
 *
 *     (a, b) -> (a cos - b sin, b cos + a sin)        with the means of cos and sin for the pair (c, c + headDim / 2)
 */
export function averageTurn({ frequencies }: Rope, from: number, positions: number): Turn {
  const half = frequencies.length;
  const mean = (of: (angle: number) => number) =>
    Float64Array.from(frequencies, (frequency) => {
      let sum = 0;
      for (let p = from; p < from + positions; p++) sum += of(Math.fround(p * frequency));
      return sum / positions;
    });
  const [cos, sin] = [mean(Math.cos), mean(Math.sin)];
  return (x) => {
    for (let c = 0; c < half; c++) {
      const [a, b] = [x[c]!, x[c + half]!];
      x[c] = a * cos[c]! - b * sin[c]!;
      x[c + half] = b * cos[c]! + a * sin[c]!;
    }
    return x;
  };
}
