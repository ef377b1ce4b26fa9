import { Address } from './address.ts';
import { withCausesOf } from './causes.ts';
import { Clock } from './clock.svelte.ts';
import type { Shown } from './compare.ts';
import { CurveRun } from './curve-run.svelte.ts';
import { EngineClient } from './engine-client.ts';
import { openWorker, type Port } from './open-worker.ts';
import { Film } from './film.ts';
import { readLink, writeLink } from './link.ts';
import { askedPictures, defaultView, type View } from './view.ts';

/** Fields that only look at a run differently. All others decide what is run. */
const looking = new Set<keyof View>(['view', 'tick', 'layer', 'head', 'ink', 'texts']);

/** Not where the page is built. */
export const inBrowser = typeof window !== 'undefined';

const hasAnswered = ({ lanes }: Shown) => lanes.every(({ outcome }) => outcome);

const sameRun = (a: View, b: View) =>
  (Object.keys(a) as (keyof View)[]).every((key) => looking.has(key) || String(a[key]) === String(b[key]));

/** One comparison on a page: what it is asked to show, what the engine answered to which question, and where its clock stands. */
export class Comparison {
  view = $state.raw<View>(defaultView);
  shown = $state.raw<Shown | undefined>(undefined);
  /** The last run whose lanes have all answered: what is shown, or what was before it. */
  answered = $state.raw<Shown | undefined>(undefined);
  problems = $state.raw<readonly string[]>([]);
  failure = $state.raw<string | undefined>(undefined);
  /** A link was opened, and what stands on the page is not yet its run. */
  arriving = $state(false);

  readonly film = $derived(this.shown && new Film(this.shown));
  readonly ticks = $derived(this.film?.ticks ?? 0);
  readonly tick = $derived(this.view.tick === 'end' ? this.ticks : Math.min(this.view.tick, this.ticks));
  readonly frames = $derived(this.film?.at(this.tick) ?? []);
  /** Phase of the clock's current tick. */
  readonly phase = $derived(this.film?.phase(this.tick) ?? 'start');
  /** Whether what is drawn is the run of another view than the one asked for. */
  readonly pending = $derived(!this.shown || !sameRun(this.shown.view, this.view));
  /** What is drawn, as a view: the run's own fields, looked at as the reader does. */
  readonly drawn = $derived(this.shown ? { ...this.view, ...fieldsOfRun(this.shown.view) } : this.view);

  readonly clock = new Clock(
    () => this.tick,
    () => this.ticks,
    (tick) => this.#wind(tick),
  );
  /** The run is shown by itself: the address stays as it is, and whatever the reader does ends it. */
  #showing = false;
  readonly curve = new CurveRun();

  #client: EngineClient | undefined;
  readonly #address: Address | undefined;
  readonly #initial: View;

  /**
   * @param initial    what an address without parameters shows
   * @param shown      that view, if it was run when the page was built
   * @param writesLink whether the page's address follows the view
   */
  constructor(initial: View, shown: Shown | undefined, writesLink: boolean) {
    this.view = initial;
    this.shown = this.answered = shown;
    this.#initial = initial;
    this.#address = writesLink ? new Address() : undefined;
    this.arriving = writesLink;
  }

  /**
   * Lets the engine get ready, in the browser only: it has much to fetch and to compile, and can do so while the page comes to life.
   * @param base where the site stands, with a closing slash @param query the page's query string, which may name a model
   */
  load(base: string, query: string, open: () => Port = openWorker): void {
    this.#client ??= new EngineClient(
      `${base}models/`,
      readLink(query, this.#initial).view.model,
      {
        onShown: (shown) => {
          const again = this.shown && sameRun(this.shown.view, shown.view);
          this.failure = undefined;
          // Who has seen the answers of a run is not shown it without them.
          if (again && hasAnswered(this.shown!) && !hasAnswered(shown)) return;
          this.shown = again ? withCausesOf(shown, this.shown!) : shown;
          if (!hasAnswered(shown)) return;
          this.answered = this.shown;
          this.arriving = false;
        },
        onFailed: (message) => {
          this.failure = message;
          this.arriving = false;
        },
      },
      open,
      this.shown?.prompt,
    );
  }

  /**
   * Asks the engine for what the page's address says.
   * @param base where the site stands, with a closing slash @param query the page's query string
   * @returns a function that stops it
   */
  start(base: string, query: string, open?: () => Port): () => void {
    const { view, problems } = readLink(query, this.#initial);
    this.view = view;
    this.problems = problems;
    this.arriving &&= this.pending;
    this.load(base, query, open);
    this.#client?.show(view);
    return () => {
      this.clock.pause();
      this.#address?.close();
      this.#client?.close();
      this.#client = undefined;
    };
  }

  /** What failed may work now: the engine starts again with the view that is asked for. */
  retry(): void {
    this.failure = undefined;
    this.#client?.retry(this.view);
  }

  /** Plays the run once, for a reader who has not touched anything yet. @param time in milliseconds */
  showOnce(time: number): void {
    this.#showing = true;
    this.clock.play(time);
  }

  #endShow(): void {
    if (!this.#showing) return;
    this.#showing = false;
    this.clock.pause();
    this.view = { ...this.view, tick: 'end' };
  }

  set(change: Partial<View>): void {
    this.#endShow();
    const asks = change.view && change.view !== this.view.view && askedPictures.has(change.view);
    this.view = { ...this.view, ...change };
    if (asks || Object.keys(change).some((key) => !looking.has(key as keyof View))) this.#client?.show(this.view);
    this.#address?.write(this.link);
  }

  get link(): string {
    return writeLink(this.view);
  }

  seek(tick: number): void {
    this.set({ tick: this.#tick(tick) });
  }

  #wind(tick: number): void {
    if (this.#showing) this.view = { ...this.view, tick: this.#tick(tick) };
    else this.seek(tick);
  }

  #tick(tick: number): View['tick'] {
    return tick >= this.ticks ? 'end' : Math.max(0, tick);
  }

  startCurve(): void {
    this.curve.start(this.#client, this.view);
  }

  stopCurve(): void {
    this.curve.stop(this.#client);
  }
}

const fieldsOfRun = (view: View): Partial<View> =>
  Object.fromEntries(Object.entries(view).filter(([key]) => !looking.has(key as keyof View)));
