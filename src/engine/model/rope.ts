/**
 * Rotary position embedding in the half-split form of Hugging Face (arXiv 2104.09864): the pairs are (c, c + headDim / 2) and
 * turn by position * theta^(-2c / headDim). The table grows with the positions that are asked for.
 */
export class Rope {
  /** [headDim / 2]: radians that each pair turns by from one position to the next. */
  readonly frequencies: Float32Array;
  #cos = new Float32Array(0); // [positions, headDim / 2]
  #sin = new Float32Array(0);
  #positions = 0;

  /** @param frequencies given where they do not follow from theta, as in models with scaled RoPE */
  constructor(headDim: number, theta: number, frequencies?: Float32Array) {
    const half = headDim / 2;
    this.frequencies = frequencies ?? new Float32Array(half).map((_, c) => theta ** (-c / half));
  }

  /**
   * Turns `count` vectors of headDim numbers in place, from `start` on.
   * @param by positions to turn by: the token's own for a fresh key, the difference for one that was turned before; it may be negative
   */
  rotate(x: Float32Array, start: number, count: number, by: number): void {
    const distance = Math.abs(by);
    if (distance >= this.#positions) this.#reach(distance + 1);
    const half = this.frequencies.length;
    const [cosines, sines] = [this.#cos, this.#sin];
    const at = distance * half;
    const sign = by < 0 ? -1 : 1;
    for (let v = start; v < start + count * 2 * half; v += 2 * half) {
      for (let c = 0; c < half; c++) {
        const cos = cosines[at + c]!;
        const sin = sign * sines[at + c]!;
        const a = x[v + c]!;
        const b = x[v + c + half]!;
        x[v + c] = a * cos - b * sin;
        x[v + c + half] = b * cos + a * sin;
      }
    }
  }

  #reach(wanted: number): void {
    const positions = Math.max(256, 2 ** Math.ceil(Math.log2(wanted)));
    const half = this.frequencies.length;
    this.#cos = new Float32Array(positions * half);
    this.#sin = new Float32Array(positions * half);
    for (let c = 0; c < half; c++) {
      const frequency = this.frequencies[c]!;
      for (let position = 0; position < positions; position++) {
        const angle = Math.fround(position * frequency);
        this.#cos[position * half + c] = Math.cos(angle);
        this.#sin[position * half + c] = Math.sin(angle);
      }
    }
    this.#positions = positions;
  }
}
