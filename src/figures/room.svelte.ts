import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

/** As many rows as are made anew within a frame. */
const step = 12;
/** As few as a list begins with. */
const least = 6;
/** As many as are there without being scrolled to, so that the browser's own search finds them. */
const most = 120;
/** Milliseconds after an answer in which nothing is added to it: a reader may click again. */
const pause = 120;
/** How far below the window the next rows are made, in pixels. */
const ahead = 1500;

/**
 * How much of a long list stands in the page. A new list begins with what a window shows, in the frame in which it was asked for; the rest follows frame
 * by frame, and what is far down when it is scrolled to. So an answer takes no longer with a thousand entries than with sixty.
 */
export class Room {
  limit = $state(least);

  /** @param first how many there are at once; all of them, where they stand in the page already */
  constructor(first: number) {
    this.limit = Math.max(least, first);
  }

  /** Stands at the end of the list, and makes room for more. @param total how long the list is */
  grow(total: number): Attachment<HTMLElement> {
    return (end) => {
      let frame = 0;
      const wake = () => {
        frame ||= requestAnimationFrame(next);
      };
      const isNear = () => end.getBoundingClientRect().top < innerHeight + ahead;
      const next = () => {
        frame = 0;
        if (this.limit > total) this.limit = Math.max(step, Math.min(total, most));
        if (this.limit >= total || (this.limit >= most && !isNear())) return;
        this.limit += step;
        wake();
      };
      const observer = new IntersectionObserver(wake, { rootMargin: `${ahead}px` });
      // The answer itself is painted first.
      const start = setTimeout(() => observer.observe(end), pause);
      return () => {
        clearTimeout(start);
        observer.disconnect();
        cancelAnimationFrame(frame);
      };
    };
  }
}

/**
 * Tells how many of a list's rows stand above the lower edge of the window: a list that takes its place must not be shorter, or the page would jump. It is
 * known before anybody asks, as measuring in the middle of an answer would lay out the page for nothing.
 * @param rows how many there are
 */
export const watchSeen =
  (rows: () => number, tell: (seen: number) => void): Attachment<HTMLElement> =>
  (list) => {
    let frame = 0;
    const look = () => {
      frame = 0;
      const { top, height } = list.getBoundingClientRect();
      tell(Math.ceil((rows() * (innerHeight - top)) / (height || 1)));
    };
    const wake = () => {
      frame ||= requestAnimationFrame(look);
    };
    const ends = new AbortController();
    for (const moved of ['scroll', 'resize']) addEventListener(moved, wake, { passive: true, signal: ends.signal });
    untrack(look);
    return () => {
      ends.abort();
      cancelAnimationFrame(frame);
    };
  };
