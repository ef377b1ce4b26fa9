import type { Rope } from '../model/rope.ts';
import type { LayerView, LearnedName } from './types.ts';

type Paid = Float32Array | Float64Array;

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
    const paid = Array.from({ length: this.seq - from }, (_, i) => this.#whole.attentionRow(from + i));
    const weights = Float64Array.from(paid, (_, i) => weigh(from + i));
    return Array.from({ length: this.heads }, (_, head) =>
      sumShares(
        paid.map((row) => row[head]!),
        this.#entries[this.#kvHeadOf(head)]!,
        weights,
      ),
    );
  }

  attentionRows(from: number, to: number): Float64Array[] {
    const rows = this.#forHeads((count) => count * (to - from));
    for (let token = from; token < to; token++) {
      this.attentionRow(token).forEach((row, head) => rows[head]!.set(row, (token - from) * row.length));
    }
    return rows;
  }

  attentionRow(token: number): Float64Array[] {
    const paid = this.#whole.attentionRow(token);
    const rows = this.#forHeads((count) => count);
    rows.forEach((row, head) => {
      const entries = this.#entries[this.#kvHeadOf(head)]!;
      const scale = pick(paid[head]!, entries, reached(paid[head]!, entries), row);
      for (let j = 0; j < row.length; j++) row[j]! *= scale;
    });
    return rows;
  }

  #forHeads(length: (count: number) => number): Float64Array[] {
    return Array.from(
      { length: this.heads },
      (_, head) => new Float64Array(length(this.counts[this.#kvHeadOf(head)]!)),
    );
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

/** How many of some entries, ascending, a row reaches to, when it is known to reach to `from` of them. */
function reached(paid: Paid, entries: Int32Array, from = 0): number {
  let seen = from;
  while (seen < entries.length && entries[seen]! < paid.length) seen++;
  return seen;
}

/**
 * What is paid to the first `seen` of some entries, ascending.
 * @param picked receives it, and keeps what is behind @returns what brings its sum to one; 0 where nothing is paid
 */
function pick(paid: Paid, entries: Int32Array, seen: number, picked: Float64Array): number {
  let total = 0;
  for (let j = 0; j < seen; j++) {
    const share = paid[entries[j]!]!;
    picked[j] = share;
    total += share;
  }
  return total > 0 ? 1 / total : 0;
}

/** What rows of a head pay to some entries, each row brought to a sum of one. Later rows reach further. @returns [entries] */
function sumShares(rows: readonly Paid[], entries: Int32Array, weights: Float64Array): Float64Array {
  const sums = new Float64Array(entries.length);
  const picked = new Float64Array(entries.length);
  for (let i = 0, seen = 0; i < rows.length; i++) {
    seen = reached(rows[i]!, entries, seen);
    const scale = weights[i]! * pick(rows[i]!, entries, seen, picked);
    for (let j = 0; j < seen; j++) sums[j]! += scale * picked[j]!;
  }
  return sums;
}
