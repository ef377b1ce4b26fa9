import { gaussian, times, timesTransposed, type Matrix } from './rotation.ts';

const sketches = new Map<string, Matrix>();

/** One fixed Gaussian matrix for all heads; it is not stored with a cache. @returns [signs][headDim] */
export function sketchOf(signs: number, headDim: number): Matrix {
  const name = `${signs} ${headDim}`;
  let sketch = sketches.get(name);
  if (!sketch) {
    sketch = { rows: signs, columns: headDim, numbers: gaussian(signs * 4099 + headDim, signs * headDim) };
    sketches.set(name, sketch);
  }
  return sketch;
}

/** The signs of S x, 1 where it is not below 0 and else 0. @returns [signs] */
export function signsOf(sketch: Matrix, x: ArrayLike<number>): Uint8Array {
  const projected = times(sketch, x);
  const signs = new Uint8Array(projected.length);
  for (let i = 0; i < signs.length; i++) signs[i] = Number(projected[i]! >= 0);
  return signs;
}

/**
 * The vector whose inner product with any query q is QJL's estimate of <q, x> (arXiv 2406.03482):
 *
 *     sqrt(pi / 2) / m |x| <S q, sign(S x)> = <q, x^>        x^ = sqrt(pi / 2) / m |x| S^T sign(S x)
 *
 * It is no picture of x: only its products with queries are right, and those on average over S.
 */
export function readSigns(sketch: Matrix, signs: Uint8Array, length: number): Float64Array {
  const weight = (Math.sqrt(Math.PI / 2) / sketch.rows) * length;
  const weighted = new Float64Array(signs.length);
  for (let i = 0; i < signs.length; i++) weighted[i] = signs[i] ? weight : -weight;
  return timesTransposed(sketch, weighted);
}
