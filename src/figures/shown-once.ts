import type { Attachment } from 'svelte/attachments';
import type { Comparison } from '../state/comparison.svelte.ts';

/** How long the whole run takes, and how long the finished picture stands before it, in milliseconds. */
const length = 6000;
const pause = 900;

/**
 * Plays a run once, when most of it can be seen, for a reader who came without a link, has touched nothing and does not mind motion. Whatever the reader
 * does first ends it.
 */
export const shownOnce = (comparison: Comparison): Attachment<HTMLElement> => {
  return (node) => {
    if (location.search || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const start = () => {
      stop.abort();
      comparison.showOnce(length);
    };
    const observer = new IntersectionObserver(
      ([entry]) => {
        clearTimeout(timer);
        if (entry!.isIntersecting) timer = setTimeout(start, pause);
      },
      { threshold: 0.5 },
    );
    observer.observe(node);
    const end = () => {
      clearTimeout(timer);
      observer.disconnect();
    };
    stop.signal.addEventListener('abort', end);
    for (const act of ['pointerdown', 'keydown', 'wheel'])
      addEventListener(act, () => stop.abort(), { signal: stop.signal, passive: true });
    return () => stop.abort();
  };
};
