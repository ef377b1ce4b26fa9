import { describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Words from '../../src/figures/Words.svelte';
import type { ShownPrompt } from '../../src/state/compare.ts';

const prompt: ShownPrompt = {
  words: ['<bos>', 'the', 'code', 'for', 'the', 'mill', 'is', '22', '27', '.', 'anna', 'waited', '.', 'where', '?'],
  compressedAt: 13,
  textLength: 13,
  question: ['where', '?'],
  turns: [],
  questions: 1,
  expected: undefined,
  capitals: [],
  needed: [5, 7, 8],
  sentence: [1, 10],
  problems: [],
  events: [],
  reused: 0,
  spliced: 0,
  work: 0,
};
const levels = (fill: number, changes: Record<number, number> = {}) =>
  Object.assign(new Uint8Array(32).fill(fill), changes);

/** Everything kept and read, but for what is said. */
const all = {
  prompt,
  ink: { level: levels(16), bits: levels(0) },
  attention: levels(0),
  read: 13,
  encodes: false,
};

const words = (container: Element) => [...container.querySelectorAll('.lane-words > span > span')];
const classOf = (container: Element, text: string) =>
  words(container).find((word) => word.textContent === text)!.className;

test('a word carries its ink, its precision and its wash, and the text reads as prose', async () => {
  const { container } = await render(Words, {
    ...all,
    ink: { level: levels(16, { 2: 0 }), bits: levels(0, { 3: 2 }) },
    attention: levels(0, { 5: 4 }),
    encodes: true,
  });
  const text = container.querySelector('.lane-words')!;
  expect(text.textContent.replace(/\s+/g, ' ').trim()).toBe('The code for the mill is 22 27. Anna waited.');
  expect(classOf(container, 'code')).toBe('ink-0');
  expect(classOf(container, 'for')).toBe('ink-16 ink-low bits-2');
  expect(classOf(container, 'mill')).toBe('ink-16 attend-4');
  expect(text.querySelector('.fact')!.textContent.trim()).toBe('The code for the mill is 22 27.');
  expect(text.matches('.encodes')).toBe(true);
});

test('sharpness is lost in three steps', async () => {
  const { container } = await render(Words, {
    ...all,
    ink: { level: levels(16), bits: levels(0, { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8 }) },
  });
  expect(words(container).map((word) => /bits-\d/.exec(word.className)?.[0])).toEqual([
    'bits-2',
    'bits-2',
    'bits-4',
    'bits-4',
    'bits-8',
    'bits-8',
    ...new Array<undefined>(6),
  ]);
});

test('what has not been read yet takes its place without being seen', async () => {
  const { container } = await render(Words, { ...all, read: 4 });
  expect(words(container).map((word) => word.className)).toEqual([
    ...new Array<string>(3).fill('ink-16'),
    ...new Array<string>(9).fill('unread'),
  ]);
});

describe('when a lane changes', () => {
  test('only the words that change are touched, and none comes or goes', async () => {
    const { container, rerender } = await render(Words, all);
    const changes: MutationRecord[] = [];
    const observer = new MutationObserver((records) => changes.push(...records));
    observer.observe(container, { subtree: true, childList: true, attributes: true, characterData: true });
    await rerender({
      ...all,
      ink: { level: levels(16, { 7: 3, 11: 0 }), bits: levels(0) },
      attention: levels(0, { 8: 5 }),
    });
    changes.push(...observer.takeRecords());
    expect(changes.map(({ type, target }) => [type, target.textContent])).toEqual([
      ['attributes', '22'],
      ['attributes', '27'],
      ['attributes', 'waited'],
    ]);
    expect(['22', '27', 'waited'].map((word) => classOf(container, word))).toEqual([
      'ink-3',
      'ink-16 attend-5',
      'ink-0',
    ]);
    observer.disconnect();
  });

  test('another text is drawn as if it had been the first', async () => {
    const other: ShownPrompt = {
      ...prompt,
      words: ['<bos>', 'anna', 'waited', '.', 'boris', 'likes', 'figs', '.'],
      textLength: 8,
      sentence: [4, 8],
    };
    const changed = { ...all, prompt: other, ink: { level: levels(16, { 1: 2, 6: 5 }), bits: levels(0) }, read: 7 };
    const { container, rerender } = await render(Words, all);
    await rerender(changed);
    const fresh = await render(Words, changed);
    const drawn = (one: Element) => words(one).map((word) => [word.textContent, word.className]);
    expect(drawn(container)).toEqual(drawn(fresh.container));
    expect(drawn(container)).toEqual([
      ['Anna', 'ink-2'],
      ['waited', 'ink-16'],
      ['.', 'ink-16'],
      ['Boris', 'ink-16'],
      ['likes', 'ink-16'],
      ['figs', 'ink-5'],
      ['.', 'unread'],
    ]);
    expect(container.querySelector('.fact')!.textContent).toBe('Boris likes figs.');
  });

  test('a text without a sentence that answers has no line', async () => {
    const { container } = await render(Words, { ...all, prompt: { ...prompt, sentence: undefined } });
    expect(container.querySelector('.fact')).toBeNull();
    expect(words(container).length).toBe(12);
  });
});
