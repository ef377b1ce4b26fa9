import type { Attachment } from 'svelte/attachments';

/** As many rows as a tall window shows, and as many as are made anew within a frame. */
const step = 12;
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
  limit = $state(step);

  /** @param first how many there are at once; all of them, where they stand in the page already */
  constructor(first: number) {
    this.limit = Math.max(step, first);
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

/** How many of the rows in a list stand above the lower edge of the window: a list that takes its place must not be shorter, or the page would jump. */
export function seenOf(list: Element | undefined): number {
  if (!list) return 0;
  const { top, height } = list.getBoundingClientRect();
  return Math.ceil((list.childElementCount * (innerHeight - top)) / (height || 1));
}
