import type { LayerView } from '../eviction/types.ts';
import type { Rope } from '../model/rope.ts';
import { Correlation } from './correlation.ts';

/** Every so many tokens a query is looked at. */
const stride = 2;

/** What a query head pays to keys at each distance, before the softmax, beside what its mean query would pay. All divided by the root of headDim. */
export interface HeadLogits {
  /** [distances] mean over pairs that are 1, 2, ... tokens apart */
  readonly means: readonly number[];
  /** [headDim / 2] weights of cosine and sine in the series that the mean query and the mean key give: eq. 17 to 19 of arXiv 2604.04921 */
  readonly cosines: readonly number[];
  readonly sines: readonly number[];
  /** Pearson's r of the means and the series, over distances. */
  readonly r: number;
  /** The same of single pairs and what the mean query would pay to the very key. */
  readonly single: number;
  /** Root of the mean square by which single pairs stray from the mean of their distance. */
  readonly strays: number;
}

/** The series at a distance: a cosine and a sine for each pair of numbers that turns. */
export const seriesAt = (
  { cosines, sines }: Pick<HeadLogits, 'cosines' | 'sines'>,
  frequencies: ArrayLike<number>,
  distance: number,
): number =>
  cosines.reduce(
    (sum, cosine, f) =>
      sum + cosine * Math.cos(frequencies[f]! * distance) - sines[f]! * Math.sin(frequencies[f]! * distance),
    0,
  );

/** Of one query head, text by text. The first token is no key here: attention rests on it, and it stands at one distance only. */
export class DistanceLogits {
  readonly #head: number;
  readonly #center: Float32Array;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  readonly #key: Float64Array;
  readonly #pairs = new Correlation();
  #keys = 0;
  #queries = 0;

  /** @param center [headDim] the head's mean query before rotation @param farthest distance that is looked at */
  constructor(head: number, center: Float32Array, farthest: number) {
    this.#head = head;
    this.#center = center;
    this.#sums = new Float64Array(farthest);
    this.#squares = new Float64Array(farthest);
    this.#key = new Float64Array(center.length);
  }

  /** @param layer that holds all tokens, longer than the farthest distance */
  add(layer: LayerView): void {
    const { headDim, rope } = layer;
    const kvHead = Math.floor((this.#head * layer.kvHeads) / layer.heads);
    const [keys, queries] = [layer.keys(kvHead), layer.queries(this.#head, layer.seq)];
    layer.keysBeforeRope(kvHead).forEach((x, at) => (this.#key[at % headDim]! += at < headDim ? 0 : x));
    this.#keys += layer.counts[kvHead]! - 1;
    for (let token = this.#sums.length + 1; token < layer.counts[kvHead]!; token += stride) {
      const usual = this.#center.slice();
      rope.rotate(usual, 0, 1, token);
      this.#pay(queries.subarray(token * headDim, (token + 1) * headDim), usual, keys, token);
    }
  }

  #pay(query: Float32Array, usual: Float32Array, keys: Float32Array, token: number): void {
    const width = query.length;
    const scale = Math.sqrt(width);
    this.#queries++;
    for (let distance = 1; distance <= this.#sums.length; distance++) {
      const at = (token - distance) * width;
      let [paid, told] = [0, 0];
      for (let c = 0; c < width; c++) {
        paid += query[c]! * keys[at + c]!;
        told += usual[c]! * keys[at + c]!;
      }
      this.#sums[distance - 1]! += paid / scale;
      this.#squares[distance - 1]! += (paid / scale) ** 2;
      this.#pairs.add(paid / scale, told / scale);
    }
  }

  result({ frequencies }: Rope): HeadLogits {
    const half = frequencies.length;
    const [q, k] = [this.#center, this.#key.map((sum) => sum / this.#keys)];
    const scale = Math.sqrt(2 * half);
    const bands = Array.from({ length: half }, (_, f) => f);
    const cosines = bands.map((f) => (q[f]! * k[f]! + q[f + half]! * k[f + half]!) / scale);
    const sines = bands.map((f) => (q[f + half]! * k[f]! - q[f]! * k[f + half]!) / scale);
    const means = Array.from(this.#sums, (sum) => sum / this.#queries);
    const over = new Correlation();
    means.forEach((mean, i) => over.add(mean, seriesAt({ cosines, sines }, frequencies, i + 1)));
    const variances = means.map((mean, i) => this.#squares[i]! / this.#queries - mean ** 2);
    const strays = Math.sqrt(variances.reduce((a, b) => a + b, 0) / means.length);
    return { means, cosines, sines, r: over.r, single: this.#pairs.r, strays };
  }
}
