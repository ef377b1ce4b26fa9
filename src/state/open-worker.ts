import type { Request } from './protocol.ts';

/** What the client needs of a worker; tests put one of their own in its place. */
export interface Port {
  postMessage(request: Request): void;
  addEventListener(type: 'message' | 'error', listener: (event: { data?: unknown }) => void): void;
  terminate(): void;
}

declare global {
  /** The worker that the page's head has started (build/early.ts), until somebody takes it. */
  var earlyEngine: Port | undefined;
}

/** The worker that was started early, for whoever asks first, and a new one for everybody else. */
export function openWorker(): Port {
  const port =
    globalThis.earlyEngine ??
    (new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' }) as unknown as Port);
  globalThis.earlyEngine = undefined;
  return port;
}

/** The worker of a figure that shows an experiment. */
export const openStudyWorker = (): Port =>
  new Worker(new URL('./study.worker.ts', import.meta.url), { type: 'module' }) as unknown as Port;
