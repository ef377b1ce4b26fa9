import { modelId, models, type ModelId } from './models.ts';
import type { Request } from './protocol.ts';

/** What the client needs of a worker; tests put one of their own in its place. */
export interface Port {
  postMessage(request: Request): void;
  addEventListener(type: 'message' | 'error', listener: (event: { data?: unknown }) => void): void;
  terminate(): void;
}

const start = (): Port =>
  new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' }) as unknown as Port;

let early: Port | undefined;

/**
 * Starts the worker of a page that computes as soon as it is there: the model is fetched and made ready while the page's own scripts are on their way.
 * @param base where the site stands, with a closing slash @param query the page's query string, which may name a model
 */
export function openEarly(base: string, query: string): void {
  const named = new URLSearchParams(query).get('model') ?? '';
  early = start();
  early.postMessage({
    type: 'load',
    base: `${base}models/`,
    model: Object.hasOwn(models, named) ? (named as ModelId) : modelId,
  });
}

/** The worker that was started early, for whoever asks first, and a new one for everybody else. */
export function openWorker(): Port {
  const port = early ?? start();
  early = undefined;
  return port;
}
