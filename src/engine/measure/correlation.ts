/** Pearson's r of pairs that are seen one after the other. */
export class Correlation {
  #n = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #yy = 0;
  #xy = 0;

  add(x: number, y: number): void {
    this.#n++;
    this.#x += x;
    this.#y += y;
    this.#xx += x * x;
    this.#yy += y * y;
    this.#xy += x * y;
  }

  /** 0 where one of the two never changes. */
  get r(): number {
    const n = this.#n;
    const both = (n * this.#xx - this.#x ** 2) * (n * this.#yy - this.#y ** 2);
    return both > 0 ? (n * this.#xy - this.#x * this.#y) / Math.sqrt(both) : 0;
  }
}
