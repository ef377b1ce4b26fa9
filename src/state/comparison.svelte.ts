import { Timeline } from '../engine/timeline.ts';
import type { Shown } from './compare.ts';
import { EngineClient, type CurveProgress } from './engine-client.ts';
import { readLink, writeLink } from './link.ts';
import { modelId } from './model-id.ts';
import { usualView, type View } from './view.ts';

/** Changes that need no new run: they only look at the same one differently. */
const lookingOnly = new Set<keyof View>(['view', 'tick', 'layer', 'head', 'texts']);

const longestAnswerRead = 16;

/** Milliseconds that a tick stays on the page while the clock plays. */
const tickTime = 130;

/** One comparison on a page: what it is asked to show, what the engine answered, and where its clock stands. */
export class Comparison {
  view = $state.raw<View>(usualView);
  shown = $state.raw<Shown | undefined>(undefined);
  problems = $state.raw<readonly string[]>([]);
  failure = $state.raw<string | undefined>(undefined);
  playing = $state(false);
  curve = $state.raw<CurveProgress | undefined>(undefined);
  curveRunning = $state(false);

  readonly timelines = $derived.by(() => {
    const { shown } = this;
    if (!shown) return [];
    const positions = shown.prompt.words.length + longestAnswerRead;
    return shown.lanes.map((lane) => new Timeline(lane.events, shown.heads, positions));
  });
  readonly ticks = $derived(Math.max(0, ...this.timelines.map(({ ticks }) => ticks)));
  readonly tick = $derived(this.view.tick === 'end' ? this.ticks : Math.min(this.view.tick, this.ticks));
  readonly frames = $derived(this.timelines.map((timeline) => timeline.seek(this.tick)));
  /** Phase of the clock's current tick; the longest lane tells. */
  readonly phase = $derived(
    this.tick === 0 ? 'start' : this.timelines.reduce((a, b) => (b.ticks > a.ticks ? b : a)).phases[this.tick - 1]!,
  );

  #client: EngineClient | undefined;
  #usual: View;
  #writesLink: boolean;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param usual      what an address without parameters shows
   * @param shown      what it shows, if it was run when the page was built
   * @param writesLink whether the page's address follows the view
   */
  constructor(usual: View, shown: Shown | undefined, writesLink: boolean) {
    this.view = usual;
    this.shown = shown;
    this.#usual = usual;
    this.#writesLink = writesLink;
  }

  /** Starts the engine, in the browser only. @param base where the site stands, with a closing slash @param query the page's query string @returns a function that stops it */
  start(base: string, query: string): () => void {
    const { view, problems } = readLink(query, this.#usual);
    this.view = view;
    this.problems = problems;
    this.#client = new EngineClient(`${base}models/${modelId}/`, {
      onShown: (shown) => {
        this.shown = shown;
        this.failure = undefined;
      },
      onFailed: (message) => {
        this.failure = message;
      },
    });
    this.#client.show(view);
    return () => {
      this.pause();
      this.#client?.close();
    };
  }

  set(change: Partial<View>): void {
    this.view = { ...this.view, ...change };
    if (Object.keys(change).some((key) => !lookingOnly.has(key as keyof View))) this.#client?.show(this.view);
    if (this.#writesLink) this.#writeSoon();
  }

  get link(): string {
    return writeLink(this.view);
  }

  /** Safari allows 100 address changes in 30 seconds, and a dragged slider makes more. */
  #writing: ReturnType<typeof setTimeout> | undefined;
  #writeSoon(): void {
    clearTimeout(this.#writing);
    this.#writing = setTimeout(() => {
      history.replaceState(null, '', `?${this.link}${location.hash}`);
    }, 250);
  }

  seek(tick: number): void {
    const target = Math.max(0, Math.min(tick, this.ticks));
    this.set({ tick: target === this.ticks ? 'end' : target });
  }

  play(): void {
    if (this.tick >= this.ticks) this.seek(0);
    this.playing = true;
    this.#timer = setInterval(() => {
      this.seek(this.tick + 1);
      if (this.tick >= this.ticks) this.pause();
    }, tickTime);
  }

  pause(): void {
    this.playing = false;
    clearInterval(this.#timer);
  }

  startCurve(): void {
    this.curve = undefined;
    this.curveRunning = true;
    this.#client?.startCurve(this.view, this.view.texts, (progress) => {
      this.curve = progress;
      if (progress.done === progress.of) this.curveRunning = false;
    });
  }

  stopCurve(): void {
    this.curveRunning = false;
    this.#client?.stopCurve();
  }
}
