import { Address } from './address.ts';
import type { Clock } from './clock.svelte.ts';
import type { LinkCodec } from './codec.ts';
import { Player, type Tick } from './player.svelte.ts';

interface Ticking {
  readonly tick: Tick;
}

/** A figure that replays steps computed at once: its view, its link, and its clock. */
export class Replayed<V extends Ticking> {
  view: V;
  problems: readonly string[] = $state.raw([]);
  readonly #player: Player;
  readonly #link: LinkCodec<V>;
  #address: Address | undefined;

  /** @param ticksOf how many steps the present view has @param pace milliseconds that a step stays on the page while the clock plays */
  constructor(link: LinkCodec<V>, initial: V, ticksOf: () => number, pace: number) {
    this.#link = link;
    this.view = $state.raw(initial);
    this.#player = new Player(
      () => this.view.tick,
      ticksOf,
      (tick) => {
        this.set({ tick } as Partial<V>);
      },
      pace,
    );
  }

  get clock(): Clock {
    return this.#player.clock;
  }

  get ticks(): number {
    return this.#player.ticks;
  }

  get tick(): number {
    return this.#player.tick;
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
    this.#player.seek(tick);
  }
}
