import type { Config } from '../model/config.ts';
import type { Tensor } from '../eviction/types.ts';
import { Rope } from '../model/rope.ts';

/**
 * Where the queries of each head point before rotation, on average, and how long they are: E q_f and E|q_f| of TriAttention (arXiv 2604.04921). A pair
 * (f, f + headDim / 2) is a complex number.
 */
export class QueryCenters {
  readonly #config: Config;
  readonly #rope: Rope;
  readonly #sums: Float64Array; // [layers, heads, headDim]
  readonly #norms: Float64Array; // [layers, heads, headDim / 2]
  #tokens = 0;

  constructor(config: Config) {
    const size = config.layers * config.heads * config.headDim;
    this.#config = config;
    this.#rope = new Rope(config.headDim, config.ropeTheta);
    this.#sums = new Float64Array(size);
    this.#norms = new Float64Array(size / 2);
  }

  /** @param queries of one token for each layer [heads, headDim], as they stand after rotation to `position` */
  add(queries: readonly Float32Array[], position: number): void {
    const { heads, headDim } = this.#config;
    const half = headDim / 2;
    queries.forEach((rotated, layer) => {
      const row = rotated.slice();
      this.#rope.rotate(row, 0, heads, -position);
      for (let head = 0; head < heads; head++) {
        const from = head * headDim;
        for (let c = 0; c < headDim; c++) this.#sums[layer * heads * headDim + from + c]! += row[from + c]!;
        for (let f = 0; f < half; f++) {
          this.#norms[(layer * heads + head) * half + f]! += Math.hypot(row[from + f]!, row[from + f + half]!);
        }
      }
    });
    this.#tokens++;
  }

  /** @returns of a layer E q [heads, headDim] and E|q| [heads, headDim / 2] */
  of(layer: number): { query_centers: Tensor; query_norms: Tensor } {
    const { heads, headDim } = this.#config;
    const mean = (sums: Float64Array, width: number): Tensor => ({
      shape: [heads, width],
      data: Float32Array.from(
        sums.subarray(layer * heads * width, (layer + 1) * heads * width),
        (sum) => sum / this.#tokens,
      ),
    });
    return { query_centers: mean(this.#sums, headDim), query_norms: mean(this.#norms, headDim / 2) };
  }
}
