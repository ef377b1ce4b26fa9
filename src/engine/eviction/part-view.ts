import type { Rope } from '../model/rope.ts';
import type { LayerView, LearnedName } from './types.ts';

/**
 * A layer as if it held some of its entries only, and as if the text ended earlier: what rules see that judge a text piece by piece. Attention to what is
 * not there is taken out, and the rest adds up to one again.
 */
export class PartView implements LayerView {
  readonly layer: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly rope: Rope;
  readonly seq: number;
  readonly counts: readonly number[];
  readonly #whole: LayerView;
  readonly #entries: readonly Int32Array[];

  /** @param entries for each KV head those that are there, ascending @param end the token before which the text ends */
  constructor(whole: LayerView, entries: readonly Int32Array[], end: number) {
    this.layer = whole.layer;
    this.layers = whole.layers;
    this.heads = whole.heads;
    this.kvHeads = whole.kvHeads;
    this.headDim = whole.headDim;
    this.rope = whole.rope;
    this.seq = end;
    this.counts = entries.map(({ length }) => length);
    this.#whole = whole;
    this.#entries = entries;
  }

  tokens(kvHead: number): Int32Array {
    const tokens = this.#whole.tokens(kvHead);
    return this.#entries[kvHead]!.map((entry) => tokens[entry]!);
  }

  keys(kvHead: number): Float32Array {
    return this.#rows(this.#whole.keys(kvHead), kvHead);
  }

  values(kvHead: number): Float32Array {
    return this.#rows(this.#whole.values(kvHead), kvHead);
  }

  keysBeforeRope(kvHead: number): Float32Array {
    return this.#rows(this.#whole.keysBeforeRope(kvHead), kvHead);
  }

  queries(head: number, rows: number): Float32Array {
    return this.#earlier(rows, (all) => this.#whole.queries(head, all));
  }

  queriesBeforeRope(head: number, rows: number): Float32Array {
    return this.#earlier(rows, (all) => this.#whole.queriesBeforeRope(head, all));
  }

  /** The last rows before the text ends here, of the last of the whole. */
  #earlier(rows: number, of: (rows: number) => Float32Array): Float32Array {
    return of(this.#whole.seq - this.seq + rows).subarray(0, rows * this.headDim);
  }

  attentionSums(rows: number, weigh = (_token: number) => 1): Float64Array[] {
    const from = this.seq - Math.min(rows, this.seq);
    return this.attentionRows(from, this.seq).map((paid, head) => {
      const sums = new Float64Array(this.counts[this.#kvHeadOf(head)]!);
      const weights = Float64Array.from({ length: this.seq - from }, (_, row) => weigh(from + row));
      for (let at = 0; at < paid.length; at++) {
        sums[at % sums.length]! += weights[Math.floor(at / sums.length)]! * paid[at]!;
      }
      return sums;
    });
  }

  attentionRows(from: number, to: number): Float64Array[] {
    return this.#whole.attentionRows(from, to).map((paid, head) => {
      const entries = this.#entries[this.#kvHeadOf(head)]!;
      const width = paid.length / (to - from);
      const rows = new Float64Array(entries.length * (to - from));
      for (let row = 0; row < to - from; row++) {
        const part = rows.subarray(row * entries.length, (row + 1) * entries.length);
        let total = 0;
        for (let j = 0; j < part.length; j++) total += part[j] = paid[row * width + entries[j]!]!;
        if (total > 0) for (let j = 0; j < part.length; j++) part[j]! /= total;
      }
      return rows;
    });
  }

  outputNorms(): Float64Array[] {
    return this.#pick(this.#whole.outputNorms());
  }

  futurePeaks(): Float64Array[] {
    return this.#pick(this.#whole.futurePeaks());
  }

  repeatPeaks(): Float64Array[] {
    return this.#whole.repeatPeaks().map((peaks, head) => {
      return Float64Array.from(this.#entries[this.#kvHeadOf(head)]!, (entry) => peaks[entry]!);
    });
  }

  learned(name: LearnedName): Float32Array {
    return this.#whole.learned(name);
  }

  #kvHeadOf(head: number): number {
    return Math.floor((head * this.kvHeads) / this.heads);
  }

  #rows(rows: Float32Array, kvHead: number): Float32Array {
    const part = new Float32Array(this.counts[kvHead]! * this.headDim);
    this.#entries[kvHead]!.forEach((entry, at) => {
      part.set(rows.subarray(entry * this.headDim, (entry + 1) * this.headDim), at * this.headDim);
    });
    return part;
  }

  #pick(perHead: readonly Float64Array[]): Float64Array[] {
    return this.#entries.map((entries, kvHead) => Float64Array.from(entries, (entry) => perHead[kvHead]![entry]!));
  }
}
