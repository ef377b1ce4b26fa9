/**
 * Rotary position embedding in the half-split form of Hugging Face (arXiv 2104.09864): the pairs are (c, c + headDim / 2) and
 * turn by position * theta^(-2c / headDim).
 */
export class Rope {
  readonly #cos: Float32Array; // [positions, headDim / 2]
  readonly #sin: Float32Array;
  readonly #half: number;

  constructor(positions: number, headDim: number, theta: number) {
    this.#half = headDim / 2;
    this.#cos = new Float32Array(positions * this.#half);
    this.#sin = new Float32Array(positions * this.#half);
    for (let c = 0; c < this.#half; c++) {
      const frequency = Math.fround(theta ** (-c / this.#half));
      for (let position = 0; position < positions; position++) {
        const angle = Math.fround(position * frequency);
        this.#cos[position * this.#half + c] = Math.cos(angle);
        this.#sin[position * this.#half + c] = Math.sin(angle);
      }
    }
  }

  /** Turns the `count` vectors of `x` [count, headDim] in place to `position`. */
  rotate(x: Float32Array, count: number, position: number): void {
    const half = this.#half;
    const at = position * half;
    for (let v = 0; v < count * 2 * half; v += 2 * half) {
      for (let c = 0; c < half; c++) {
        const cos = this.#cos[at + c]!;
        const sin = this.#sin[at + c]!;
        const a = x[v + c]!;
        const b = x[v + c + half]!;
        x[v + c] = a * cos - b * sin;
        x[v + c + half] = b * cos + a * sin;
      }
    }
  }
}
