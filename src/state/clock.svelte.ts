/** Milliseconds that a tick stays on the page while the clock plays, at most. */
const tickTime = 130;

/** The clock that all lanes of a comparison share: it can be played, and it asks for ticks one after the other. */
export class Clock {
  playing = $state(false);
  readonly #at: () => number;
  readonly #end: () => number;
  readonly #seek: (tick: number) => void;
  readonly #pace: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param at the tick on the page @param end the last one @param seek shows another @param pace milliseconds from one to the next */
  constructor(at: () => number, end: () => number, seek: (tick: number) => void, pace = tickTime) {
    this.#at = at;
    this.#end = end;
    this.#seek = seek;
    this.#pace = pace;
  }

  /** From the start, when it stands at the end. @param whole milliseconds that all ticks together may take */
  play(whole = Infinity): void {
    clearInterval(this.#timer);
    const time = Math.min(this.#pace, whole / Math.max(1, this.#end()));
    if (this.#at() >= this.#end()) this.#seek(0);
    this.playing = true;
    this.#timer = setInterval(() => {
      this.#seek(this.#at() + 1);
      if (this.#at() >= this.#end()) this.pause();
    }, time);
  }

  pause(): void {
    this.playing = false;
    clearInterval(this.#timer);
  }
}
