import { Address } from './address.ts';
import type { LinkCodec } from './codec.ts';
import { openStudyWorker, type Port } from './open-worker.ts';
import { defaultsOf } from './fields.ts';
import { modelId } from './models.ts';
import type { Reply } from './protocol.ts';
import type { StudyName } from './studies/index.ts';
import { studyLink, type Study } from './study.ts';

/**
 * A figure's view and the result of its study: one result comes with the page, and a worker finds another when the view needs one. What was found stays on
 * the page, under its own name, until the next is there.
 */
export class StudyRun<V extends object, R> {
  /** What is asked for. */
  view: V;
  /** What was found last, and the view that it was found for. */
  found: { readonly view: V; readonly result: R };
  problems: readonly string[] = $state.raw([]);
  failure = $state.raw<string | undefined>(undefined);
  /** Whether the worker is still at it; the result may be a part. */
  running = $state.raw(false);
  /** A link was opened, and what stands on the page is not yet what it asks for. Before a page's scripts have looked, it may be. */
  arriving = $state.raw(true);
  readonly #name: StudyName;
  readonly #asks: readonly (keyof V & string)[];
  readonly #link: LinkCodec<V>;
  readonly #models: string;
  readonly #open: () => Port;
  #port: Port | undefined;
  #id = 0;
  /** The view of the run that is on its way. */
  #asked: V | undefined;
  #address: Address | undefined;

  /** @param models folder of the models, with a closing slash @param built what studyAtBuild wrote into the page */
  constructor(name: StudyName, study: Study<V>, models: string, built: string, open = openStudyWorker) {
    this.#name = name;
    this.#asks = study.asks;
    this.#link = studyLink(study);
    this.#models = models;
    this.#open = open;
    const view = defaultsOf<V>(study.fields);
    this.view = $state.raw(view);
    this.found = $state.raw({ view, result: JSON.parse(built) as R });
  }

  get result(): R {
    return this.found.result;
  }

  /** The view that the result belongs to, looked at as is asked now. */
  get shown(): V {
    const known = this.#asks.map((name) => [name, this.found.view[name]] as const);
    return { ...this.view, ...(Object.fromEntries(known) as Partial<V>) };
  }

  /** Whether the picture is that of another view than is asked for. */
  get waiting(): boolean {
    return this.#differs(this.found.view);
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
      this.#ask();
    }
    this.arriving = linked && this.waiting;
    return () => {
      this.#address?.close();
      this.#port?.terminate();
    };
  }

  set(change: Partial<V>): void {
    this.view = { ...this.view, ...change };
    this.#address?.write(this.query);
    this.#ask();
  }

  /** Asks once more for what failed. */
  retry(): void {
    this.#ask();
  }

  #differs(other: V | undefined): boolean {
    return !other || this.#asks.some((name) => other[name] !== this.view[name]);
  }

  #ask(): void {
    if (!this.#differs(this.#asked ?? this.found.view)) return;
    this.#asked = this.view;
    this.failure = undefined;
    this.running = true;
    this.#port ??= this.#started();
    this.#port.postMessage({ type: 'study', id: ++this.#id, name: this.#name, view: this.view });
  }

  #started(): Port {
    const port = this.#open();
    port.addEventListener('message', ({ data }) => {
      this.#receive(data as Reply);
    });
    port.addEventListener('error', () => {
      this.#fail('The engine stopped.');
    });
    port.postMessage({ type: 'load', base: this.#models, model: modelId });
    return port;
  }

  #receive(reply: Reply): void {
    if (reply.type === 'unloaded' || (reply.type === 'failed' && reply.id === this.#id)) this.#fail(reply.message);
    if (reply.type !== 'studied' || reply.id !== this.#id) return;
    this.found = { view: this.#asked!, result: reply.result as R };
    this.running = !reply.done;
    this.arriving = false;
  }

  /** The next change asks again, with a new worker. */
  #fail(message: string): void {
    this.failure = message;
    this.running = this.arriving = false;
    this.#port?.terminate();
    this.#port = this.#asked = undefined;
  }
}
