import { flushSync } from 'svelte';
import { holds, largest } from './fit.ts';

/** Type of the words on a stage, in rem: the least that is read from the back of a room, the most that a line of a text bears, and the least of a whole text. */
const [least, most, smallest] = [1, 2.2, 0.3];

/** How much of a text is shown on a stage, and in which size, so that the lanes fit their place without scrolling. */
export class StagedText {
  /** Words that there is room for; Infinity where all of them are shown. */
  room = $state(Infinity);
  /** The reader asked for the whole text, however small its type becomes. */
  whole = $state(false);

  /** @param lanes the element of all lanes, as high as it may be @param words of the text */
  fit(lanes: HTMLElement, words: number): void {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const fitsAt = (pixels: number) => {
      lanes.style.setProperty('--words', `${pixels}px`);
      return holds([lanes, ...lanes.querySelectorAll('.lane-view')]);
    };
    const sized = (from: number, to: number) => largest(Math.ceil(from * rem), Math.floor(to * rem), fitsAt);
    this.#show(Infinity);
    if (fitsAt(Math.ceil(least * rem))) sized(least, most);
    else if (this.whole) sized(smallest, least);
    else this.#shorten(lanes, words);
  }

  /** As many words as have room, found in few steps, as each draws all lanes: how full they are says how many to try next. */
  #shorten(lanes: HTMLElement, words: number): void {
    let [best, room] = [1, words];
    for (let step = 0; step < 7; step++) {
      const filled = filledOf(lanes);
      if (filled <= 1) best = Math.max(best, room);
      if (filled <= 1 && filled > 0.93) return;
      room = Math.max(1, Math.min(words, Math.floor((room * 0.98) / filled)));
      this.#show(room);
    }
    if (filledOf(lanes) > 1) this.#show(best);
  }

  /** All of it, in the size of the page. */
  release(lanes: HTMLElement): void {
    lanes.style.removeProperty('--words');
    this.room = Infinity;
  }

  #show(room: number): void {
    flushSync(() => {
      this.room = room;
    });
  }
}

/** How much of its place the fullest lane takes: what stands in it, over what it may take. */
function filledOf(lanes: HTMLElement): number {
  const range = document.createRange();
  const filled = [...lanes.querySelectorAll('.lane-view')].map((view) => {
    range.selectNodeContents(view);
    return range.getBoundingClientRect().height / Math.max(1, view.clientHeight);
  });
  return Math.max(0.01, ...filled);
}
