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

  set({ layer, kvHead }: HeadShape, side: Side, learned: T): T {
    this.#of.set(`${layer} ${kvHead} ${side}`, learned);
    return learned;
  }

  fork(): Learned<T> {
    return new Learned(this.#of);
  }
}
