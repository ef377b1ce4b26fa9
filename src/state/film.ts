import type { Phase } from '../engine/events.ts';
import { Timeline, type Frame } from '../engine/timeline.ts';
import type { Shown } from './compare.ts';

export interface Span {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

/** A run as a film: the timelines of its lanes under one clock. */
export class Film {
  readonly shown: Shown;
  readonly ticks: number;
  readonly #timelines: readonly Timeline[];
  #frames: { readonly tick: number; readonly frames: readonly Frame[] } | undefined;

  constructor(shown: Shown) {
    this.shown = shown;
    this.#timelines = shown.lanes.map(({ events }) => new Timeline(events, shown.shape, shown.prompt.events));
    this.ticks = Math.max(0, ...this.#timelines.map(({ ticks }) => ticks));
  }

  /** The lanes after so many ticks; those with shorter answers stand still. */
  at(tick: number): readonly Frame[] {
    if (this.#frames?.tick !== tick) {
      this.#frames = { tick, frames: this.#timelines.map((timeline) => timeline.seek(tick)) };
    }
    return this.#frames.frames;
  }

  /** The longest lane tells. */
  get #phases() {
    return this.#timelines.reduce((a, b) => (b.ticks > a.ticks ? b : a)).phases;
  }

  phase(tick: number) {
    if (!this.#timelines.length || tick === 0) return 'start';
    return this.#phases[tick - 1] ?? 'answer';
  }

  /** Stretches of one phase, from tick `from` to tick `to`. A conversation asks and answers more than once. */
  get spans(): readonly Span[] {
    const spans: { phase: Span['phase']; from: number; to: number }[] = [];
    for (const [tick, phase] of this.#timelines.length ? this.#phases.entries() : []) {
      if (spans.at(-1)?.phase !== phase) spans.push({ phase, from: tick, to: tick });
      spans.at(-1)!.to = tick + 1;
    }
    return spans;
  }
}
