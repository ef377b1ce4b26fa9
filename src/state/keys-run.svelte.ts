import { Address } from './address.ts';
import { openWorker, type Port } from './engine-client.ts';
import { keysLink, type KeysView } from './keys-view.ts';
import { modelId } from './models.ts';
import type { Reply } from './protocol.ts';

/** Keys of one text, a list for each head that is known. */
type Known = Readonly<Record<number, Float32Array>>;

/** The view of a head's keys and the keys themselves: one head comes with the page, and a worker reads the text when another one is asked for. */
export class KeysRun {
  view: KeysView;
  problems: readonly string[] = $state.raw([]);
  failure = $state.raw<string | undefined>(undefined);
  #known: Known;
  /** The seed of what is known. */
  #seed: number;
  readonly #models: string;
  readonly #kvHeads: number;
  readonly #open: () => Port;
  #port: Port | undefined;
  #asked: number | undefined;
  #address: Address | undefined;

  /** @param models folder of the models, with a closing slash @param keys [tokens][headDim] of the initial view's head */
  constructor(models: string, kvHeads: number, initial: KeysView, keys: Float32Array, open = openWorker) {
    this.#models = models;
    this.#kvHeads = kvHeads;
    this.#open = open;
    this.view = $state.raw(initial);
    this.#seed = $state.raw(initial.seed);
    this.#known = $state.raw({ [this.#headOf(initial)]: keys });
  }

  #headOf = ({ layer, head }: KeysView) => layer * this.#kvHeads + head;

  /** [tokens][headDim] of the view's head, as they are cached; undefined until they have been read. */
  get keys(): Float32Array | undefined {
    return this.#seed === this.view.seed ? this.#known[this.#headOf(this.view)] : undefined;
  }

  get query(): string {
    return keysLink.write(this.view);
  }

  /** Opens the page's link, if it has one for this figure. @returns what ends it */
  start(linked: boolean): () => void {
    if (linked) {
      const opened = keysLink.read(location.search, this.view);
      this.view = opened.view;
      this.problems = opened.problems;
      this.#address = new Address();
      this.#ask();
    }
    return () => {
      this.#address?.close();
      this.#port?.terminate();
    };
  }

  set(change: Partial<KeysView>): void {
    this.view = { ...this.view, ...change };
    this.#address?.write(this.query);
    this.#ask();
  }

  /** The head before or after this one, from the last to the first. */
  step(by: number, heads: number): void {
    const next = (this.#headOf(this.view) + by + heads) % heads;
    this.set({ layer: Math.floor(next / this.#kvHeads), head: next % this.#kvHeads });
  }

  #ask(): void {
    const { seed } = this.view;
    if (this.keys || this.#asked === seed) return;
    this.#asked = seed;
    this.failure = undefined;
    this.#port ??= this.#started();
    this.#port.postMessage({ type: 'keys', id: seed, model: modelId });
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
    if (reply.type === 'failed' || reply.type === 'unloaded') this.#fail(reply.message);
    if (reply.type !== 'keys' || reply.id !== this.view.seed) return;
    this.#seed = reply.id;
    this.#known = { ...reply.keys };
  }

  /** The next change asks again, with a new worker. */
  #fail(message: string): void {
    this.failure = message;
    this.#port?.terminate();
    this.#port = this.#asked = undefined;
  }
}
