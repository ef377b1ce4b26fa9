import { flushSync } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import { moved } from './resting.ts';

/** So far beyond the edge of the screen, in CSS pixels, a thing counts as seen: whoever scrolls finds it drawn. */
const margin = 200;

/** An element that is drawn while it can be seen. Out of sight it is drawn anew when it comes into sight, or when everything has come to rest. */
export class InSight {
  #seen = $state(true);
  #rests = $state(0);

  readonly watch: Attachment = (node) => {
    const observer = new IntersectionObserver(
      (entries) => {
        this.#seen = entries.at(-1)!.isIntersecting;
      },
      { rootMargin: `${margin}px` },
    );
    observer.observe(node);
    return () => {
      observer.disconnect();
    };
  };

  /** The newest value, or the last that was drawn, while that is all the same. @param newest reads what the value depends on */
  follow<T>(newest: () => T): { readonly current: T } {
    let drawn: { readonly value: T; readonly rests: number } | undefined;
    const current = $derived.by(() => {
      const value = newest();
      if (!drawn || this.#seen || this.#rests !== drawn.rests) drawn = { value, rests: this.#rests };
      else if (value !== drawn.value) moved(this.#rest);
      return drawn.value;
    });
    return {
      get current() {
        return current;
      },
    };
  }

  readonly #rest = (): void => {
    flushSync(() => {
      this.#rests++;
    });
  };
}
