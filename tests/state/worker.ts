/** A worker's script in the test's own hands: what it is sent, what it fetches, what it answers. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { Reply, Request } from '../../src/state/protocol.ts';

const models = new URL('../../public/models/', import.meta.url);

/** What the worker has answered since the test began. */
export let replies: Reply[];
export let send: (request: Request) => void;
/** Files that do not come. */
export let missing: Set<string>;
export let fetched: string[];
/** A worker that a test is done with sleeps on, as if it had been terminated. */
let done: () => void;
const wakeAfter = setTimeout;

/** Before each test a fresh worker. @param start imports its script */
export function startWorker(start: () => Promise<unknown>): void {
  beforeEach(async () => {
    replies = [];
    let over = false;
    done = () => {
      over = true;
    };
    vi.stubGlobal('setTimeout', (wake: () => void, milliseconds: number) =>
      wakeAfter(() => {
        if (!over) wake();
      }, milliseconds),
    );
    missing = new Set();
    fetched = [];
    vi.stubGlobal('postMessage', (reply: Reply) => replies.push(structuredClone(reply)));
    vi.stubGlobal('addEventListener', (_type: 'message', listener: (event: { data: Request }) => void) => {
      send = (data) => listener({ data: structuredClone(data) });
    });
    vi.stubGlobal('fetch', async (url: string) => {
      fetched.push(url);
      const [model, name] = url.split('/').slice(-2) as [string, string];
      return missing.has(name)
        ? new Response('', { status: 404 })
        : new Response(new Uint8Array(await readFile(new URL(`${model}/${name}`, models))));
    });
    vi.resetModules();
    await start();
  });
  afterEach(() => {
    done();
    vi.unstubAllGlobals();
  });
}

export const wait = (count: number) => vi.waitFor(() => expect(replies.length).toBeGreaterThanOrEqual(count), 5000);
export const types = () => replies.map(({ type }) => type);
export const idle = () => new Promise((resolve) => setTimeout(resolve, 60));
