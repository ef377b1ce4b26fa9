import { Clock } from './clock.svelte.ts';

/** A step by its number, 0 before the first; or the last of them, however many there are. */
export type Tick = number | 'end';

/** Steps that were computed at once, and are looked at one after the other. */
export class Player {
  readonly clock: Clock;
  readonly #at: () => Tick;
  readonly #ticks: () => number;
  readonly #set: (tick: Tick) => void;

  /** @param at where the view stands @param ticks how many steps it has @param set shows another @param pace milliseconds that a step stays on the page */
  constructor(at: () => Tick, ticks: () => number, set: (tick: Tick) => void, pace: number) {
    this.#at = at;
    this.#ticks = ticks;
    this.#set = set;
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
    return this.#ticks();
  }

  /** A link may name a step beyond the last. */
  get tick(): number {
    const tick = this.#at();
    return tick === 'end' ? this.ticks : Math.min(tick, this.ticks);
  }

  seek(tick: number): void {
    const next = Math.min(Math.max(0, tick), this.ticks);
    this.#set(next === this.ticks ? 'end' : next);
  }
}
