import type { Attachment } from 'svelte/attachments';

/** Longer than a slider rests between two steps. */
const wait = 600;

/** Reads a text aloud, from an element with aria-live, once it has stood for a while: nobody can listen to each step of a drag. */
export function announce(text: string): Attachment<HTMLElement> {
  return (node) => {
    // What stands there from the beginning is read with the page.
    const first = node.dataset['said'] === undefined;
    node.dataset['said'] = '';
    if (first) return;
    const timer = setTimeout(() => {
      node.textContent = text;
    }, wait);
    return () => {
      clearTimeout(timer);
      node.textContent = '';
    };
  };
}
