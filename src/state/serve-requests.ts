import type { Reply, Request } from './protocol.ts';

export const reply = (message: Reply): void => {
  postMessage(message);
};

/** Hands every request of the page to a worker's own code; what that throws is told as the failure of the request. */
export function serveRequests(handle: (request: Request) => Promise<void>): void {
  addEventListener('message', ({ data }: MessageEvent<Request>) => {
    handle(data).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      reply(
        data.type === 'load'
          ? { type: 'unloaded', message }
          : { type: 'failed', id: 'id' in data ? data.id : 0, message },
      );
    });
  });
}
