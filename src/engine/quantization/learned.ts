import type { HeadShape, Side } from './types.ts';

/** What a codec learned of each head and side from the first rows that it wrote there: it holds for all that follow. */
export class Learned<T> {
  readonly #of: Map<string, T>;

  constructor(of: ReadonlyMap<string, T> = new Map()) {
    this.#of = new Map(of);
  }

  get({ layer, kvHead }: HeadShape, side: Side): T | undefined {
    return this.#of.get(`${layer} ${kvHead} ${side}`);
  }

  /**
   * What holds for these rows: what was learned before, else what is learned from them now. Nothing is learned for good from no rows.
   * @returns it, and whether it was learned just now, so that it is stored with these rows
   */
  from(
    rows: Float32Array,
    at: HeadShape,
    side: Side,
    learn: () => T,
  ): { readonly learned: T; readonly fresh: boolean } {
    const before = this.get(at, side);
    const learned = before ?? learn();
    const fresh = !before && rows.length > 0;
    if (fresh) this.#of.set(`${at.layer} ${at.kvHead} ${side}`, learned);
    return { learned, fresh };
  }

  fork(): Learned<T> {
    return new Learned(this.#of);
  }
}
