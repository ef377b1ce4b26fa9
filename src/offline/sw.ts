/**
 * The service worker: after one visit every page works without a network. All files of one build are stored together, so a page never runs with the
 * scripts of another build; a new build waits until the reader asks for it (see Newer.astro).
 */
import { Serwist, type PrecacheEntry } from 'serwist';

/** The little of a service worker's scope that is used here: its whole library would change the types of every page. */
declare const self: {
  readonly __SW_MANIFEST: readonly (PrecacheEntry | string)[];
  skipWaiting(): Promise<void>;
};

const serwist = new Serwist({
  precacheEntries: [...self.__SW_MANIFEST],
  // A link's parameters are read by the page, not by the host.
  precacheOptions: { cleanupOutdatedCaches: true, ignoreURLParametersMatching: [/./] },
  skipWaiting: false,
  clientsClaim: true,
});
serwist.addEventListeners();

addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (data === 'take over') void self.skipWaiting();
});
