import type { Shown } from './compare.ts';
import type { CurvePoint } from './curve.ts';
import type { Reply, Request } from './protocol.ts';
import type { View } from './view.ts';

export interface CurveProgress {
  readonly points: readonly CurvePoint[];
  readonly done: number;
  readonly of: number;
}

interface Listener {
  onShown(shown: Shown, view: View): void;
  onFailed(message: string): void;
}

/** The page's end of the worker. While it is busy only the newest view waits, so a dragged slider never queues up. */
export class EngineClient {
  readonly #worker: Worker;
  readonly #listener: Listener;
  #id = 0;
  #running: { readonly id: number; readonly view: View } | undefined;
  #waiting: View | undefined;
  #onCurve: ((progress: CurveProgress) => void) | undefined;
  #curveId = 0;

  constructor(base: string, listener: Listener) {
    this.#listener = listener;
    this.#worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      this.#receive(data);
    });
    this.#worker.addEventListener('error', () => {
      listener.onFailed('The engine stopped. Reload the page to start it again.');
    });
    this.#send({ type: 'load', base });
  }

  show(view: View): void {
    if (this.#running) {
      this.#waiting = view;
      return;
    }
    this.#running = { id: ++this.#id, view };
    this.#send({ type: 'compare', id: this.#id, view });
  }

  startCurve(view: View, seeds: number, onProgress: (progress: CurveProgress) => void): void {
    this.#onCurve = onProgress;
    this.#curveId = ++this.#id;
    this.#send({ type: 'curve', id: this.#curveId, view, seeds });
  }

  stopCurve(): void {
    this.#onCurve = undefined;
    this.#send({ type: 'stop' });
  }

  close(): void {
    this.#worker.terminate();
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #receive(data: Reply): void {
    if (data.type === 'curve') {
      if (data.id === this.#curveId) this.#onCurve?.(data);
    } else if (data.type !== 'ready') {
      const running = this.#running;
      if (data.type === 'failed') this.#listener.onFailed(data.message);
      if (data.id !== running?.id && data.type === 'compared') return;
      this.#running = undefined;
      const next = this.#waiting;
      this.#waiting = undefined;
      if (next) this.show(next);
      if (data.type === 'compared') this.#listener.onShown(data.shown, running!.view);
    }
  }
}
