/** Workers that answer when a test says so. */
import type { Port } from '../../src/state/open-worker.ts';
import type { Reply, Request } from '../../src/state/protocol.ts';

type Listener = (event: { data?: unknown }) => void;

export class FakePort implements Port {
  /** What was asked, in the form in which a worker gets it: what cannot be cloned cannot be sent. */
  readonly sent: Request[] = [];
  open = true;
  readonly #listeners: { type: string; listener: Listener }[] = [];

  postMessage(request: Request): void {
    this.sent.push(structuredClone(request));
  }

  addEventListener(type: 'message' | 'error', listener: Listener): void {
    this.#listeners.push({ type, listener });
  }

  terminate(): void {
    this.open = false;
  }

  reply(data: Reply): void {
    this.#tell('message', { data: structuredClone(data) });
  }

  /** The worker's script throws where nobody catches it, or does not come at all. */
  stop(): void {
    this.#tell('error', {});
  }

  /** The requests of one type. */
  asked<T extends Request['type']>(wanted: T): Extract<Request, { type: T }>[] {
    return this.sent.filter((request): request is Extract<Request, { type: T }> => request.type === wanted);
  }

  /** The newest request of a type. */
  last<T extends Request['type']>(wanted: T): Extract<Request, { type: T }> {
    return this.asked(wanted).at(-1)!;
  }

  #tell(type: string, event: { data?: unknown }): void {
    for (const one of this.#listeners) if (one.type === type) one.listener(event);
  }
}

/** Opens one port after the other. */
export class Ports {
  readonly opened: FakePort[] = [];
  readonly open = (): FakePort => {
    const port = new FakePort();
    this.opened.push(port);
    return port;
  };

  get newest(): FakePort {
    return this.opened.at(-1)!;
  }
}
