import { Address } from './address.ts';
import { Clock } from './clock.svelte.ts';
import type { LinkCodec } from './codec.ts';

interface Ticking {
  readonly tick: number | 'end';
}

/** A figure that replays steps computed at once: its view, its link, and its clock. */
export class Replayed<V extends Ticking> {
  view: V;
  problems: readonly string[] = $state.raw([]);
  readonly clock: Clock;
  readonly #link: LinkCodec<V>;
  readonly #ticksOf: () => number;
  #address: Address | undefined;

  /** @param ticksOf how many steps the present view has @param pace milliseconds that a step stays on the page while the clock plays */
  constructor(link: LinkCodec<V>, initial: V, ticksOf: () => number, pace: number) {
    this.#link = link;
    this.view = $state.raw(initial);
    this.#ticksOf = ticksOf;
    this.clock = new Clock(
      () => this.tick,
      () => this.ticks,
      (tick) => {
        this.seek(tick);
      },
      pace,
    );
  }

  get ticks(): number {
    return this.#ticksOf();
  }

  /** A link may name a step beyond the last. */
  get tick(): number {
    const { tick } = this.view;
    return tick === 'end' ? this.ticks : Math.min(tick, this.ticks);
  }

  get query(): string {
    return this.#link.write(this.view);
  }

  /** Opens the page's link, if it has one for this figure. @returns what ends it */
  start(linked: boolean): () => void {
    if (linked) {
      const opened = this.#link.read(location.search, this.view);
      this.view = opened.view;
      this.problems = opened.problems;
      this.#address = new Address();
    }
    return () => {
      this.clock.pause();
      this.#address?.close();
    };
  }

  set(change: Partial<V>): void {
    this.view = { ...this.view, ...change };
    this.#address?.write(this.query);
  }

  seek(tick: number): void {
    const next = Math.min(Math.max(0, tick), this.ticks);
    this.set({ tick: next === this.ticks ? 'end' : next } as Partial<V>);
  }
}
