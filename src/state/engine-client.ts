import { withCauses } from './causes.ts';
import type { Shown, ShownPrompt } from './compare.ts';
import type { CurvePoint } from './curve.ts';
import { openWorker, type Port } from './open-worker.ts';
import type { Reply, Sent } from './protocol.ts';
import type { View } from './view.ts';

export interface CurveProgress {
  readonly points: readonly CurvePoint[];
  readonly done: number;
  readonly of: number;
}

export interface Listener {
  /** What the lanes hold; then, in a second call, what they answer; and then, while nothing else is asked for, what each answer is owed to. */
  onShown(shown: Shown): void;
  /** @param view that could not be shown, where it was one */
  onFailed(message: string, view: View | undefined): void;
}

export interface CurveListener {
  onProgress(progress: CurveProgress): void;
  onFailed(message: string): void;
}

/** The page's end of the worker. While it is busy only the newest view waits, so a dragged slider never queues up. */
export class EngineClient {
  readonly #open: () => Port;
  readonly #base: string;
  readonly #first: View['model'];
  readonly #listener: Listener;
  #port: Port;
  #prompt: ShownPrompt | undefined;
  #id = 0;
  /** The run that was told last, once it was told whole. */
  #told: { readonly id: number; readonly shown: Shown } | undefined;
  #running: { readonly id: number; readonly view: View } | undefined;
  #waiting: View | undefined;
  #curve: { readonly id: number; readonly listener: CurveListener } | undefined;

  /** @param base of the models' folders, with a closing slash @param first the model that will be asked first @param prompt that is drawn already */
  constructor(
    base: string,
    first: View['model'],
    listener: Listener,
    open: () => Port = openWorker,
    prompt?: ShownPrompt,
  ) {
    this.#open = open;
    this.#base = base;
    this.#first = first;
    this.#listener = listener;
    this.#prompt = prompt;
    this.#port = this.#start();
  }

  #start(): Port {
    const port = this.#open();
    port.addEventListener('message', ({ data }) => {
      if (port === this.#port) this.#receive(data as Reply);
    });
    port.addEventListener('error', () => {
      if (port === this.#port) this.#stopped();
    });
    port.postMessage({ type: 'load', base: this.#base, model: this.#first });
    return port;
  }

  show(view: View): void {
    if (this.#running) {
      this.#waiting = view;
      return;
    }
    this.#running = { id: ++this.#id, view };
    this.#port.postMessage({ type: 'compare', ...this.#running });
  }

  /** A worker that stopped is replaced; one whose model did not come asks for it again. */
  retry(view: View): void {
    this.#port.terminate();
    this.#running = this.#waiting = this.#told = undefined;
    this.#endCurve('The engine was started again.');
    this.#port = this.#start();
    this.show(view);
  }

  startCurve(view: View, seeds: number, listener: CurveListener): void {
    this.#curve = { id: ++this.#id, listener };
    this.#port.postMessage({ type: 'curve', id: this.#curve.id, view, seeds });
  }

  stopCurve(): void {
    this.#curve = undefined;
    this.#port.postMessage({ type: 'stop' });
  }

  close(): void {
    this.#port.terminate();
  }

  /** Whoever waits for an answer is told that none will come, and none does: what is left of the worker may know prompts that never arrived here. */
  #stopped(): void {
    this.#port.terminate();
    const view = this.#waiting ?? this.#running?.view;
    this.#running = this.#waiting = this.#told = undefined;
    this.#endCurve('The engine stopped.');
    this.#listener.onFailed('The engine stopped.', view);
  }

  #endCurve(message: string): void {
    const ended = this.#curve;
    this.#curve = undefined;
    ended?.listener.onFailed(message);
  }

  #receive(reply: Reply): void {
    if (reply.type === 'curve') {
      if (reply.id === this.#curve?.id) this.#curve.listener.onProgress(reply);
    } else if (reply.type === 'failed' && reply.id === this.#curve?.id) {
      this.#endCurve(reply.message);
    } else if (reply.type === 'unloaded') {
      // The run that waits for the model says so itself.
      if (!this.#running) this.#listener.onFailed(reply.message, undefined);
    } else if (reply.type === 'causes') {
      if (reply.id === this.#told?.id) this.#tellAll(reply.id, withCauses(this.#told.shown, reply));
    } else if (reply.type !== 'ready' && reply.type !== 'studied' && reply.id === this.#running?.id) {
      if (reply.type === 'kept') this.#tell(reply.shown);
      else this.#finish(reply);
    }
  }

  /** A prompt is sent once, and kept here for the runs that follow on it. One that says the same as before is the one before: whoever has drawn it is done. */
  #whole(shown: Sent): Shown {
    const { prompt } = shown;
    if (prompt && JSON.stringify(prompt) !== JSON.stringify(this.#prompt)) this.#prompt = prompt;
    return { ...shown, prompt: this.#prompt! };
  }

  #tell(shown: Sent): void {
    this.#told = undefined;
    this.#listener.onShown(this.#whole(shown));
  }

  /** The causes that follow are of this run. */
  #tellAll(id: number, shown: Shown): void {
    this.#told = { id, shown };
    this.#listener.onShown(shown);
  }

  /** The newest view that waits is sent first, so that the worker is busy with it while the page draws this one. */
  #finish(reply: Extract<Reply, { type: 'compared' | 'failed' }>): void {
    const { id, view } = this.#running!;
    const next = this.#waiting;
    this.#running = this.#waiting = undefined;
    if (next) this.show(next);
    if (reply.type === 'compared') this.#tellAll(id, this.#whole(reply.shown));
    else this.#listener.onFailed(reply.message, view);
  }
}
