import { describe, expect, test } from 'vitest';
import { defaultsOf } from '../../../src/state/fields.ts';
import * as study from '../../../src/state/studies/passages.ts';
import type { PassagesView, Ranked } from '../../../src/state/studies/passages.ts';
import { studyLink } from '../../../src/state/study.ts';
import { engineOf } from '../../engine/harbour.ts';

const engine = engineOf();
const view = defaultsOf<PassagesView>(study.fields);
const results = (change: Partial<PassagesView>) => [...study.run(engine, { ...view, ...change })];
const last = (change: Partial<PassagesView>): Ranked => results(change).at(-1)!;

describe('a generated text', () => {
  const found = last({});
  const words = found.words.split(' ');

  test('is parted into passages of three sentences, one behind the other', () => {
    expect(words).toHaveLength(255);
    expect(found.passages[0]!.from).toBe(1);
    found.passages.forEach(({ from, to }, i) => {
      const stops = words.slice(from - 1, to - 1).filter((word) => word === '.').length;
      if (i < found.passages.length - 1) expect(stops).toBe(3);
      expect(found.passages[i + 1]?.from ?? 256).toBe(to);
    });
  });

  // "Stefan brought the drum to the dairy" stands before "Lena carried the drum to the attic".
  test('where a fact was overwritten attention finds the later one, and BM25 the earlier', () => {
    expect(found.query).toBe('where is the drum ?');
    const passage = (at: number) => words.slice(found.passages[at]!.from - 1, found.passages[at]!.to - 1).join(' ');
    expect(passage(found.wanted)).toContain('lena carried the drum to the attic');
    expect([found.places.attention[found.wanted], found.places.bm25[found.wanted]]).toEqual([1, 2]);
    expect(passage(found.places.bm25.indexOf(1))).toContain('stefan brought the drum to the dairy');
    expect(found.levels[found.wanted]).toBe(16);
  });

  test('all of its questions are asked of the cache that was read once, and recall only grows with depth', () => {
    const { n, tokens, within } = found.all!;
    expect([n, n]).toEqual([found.questions, 18]);
    expect(tokens).toBeGreaterThan(n * 3);
    for (const ranker of study.rankers) {
      const [one, three, five] = within[ranker];
      expect(one! <= three! && three! <= five! && five! <= n).toBe(true);
    }
    expect(within.attention[0]).toBeGreaterThan(within.bm25[0]!);
  });

  test('the first result has the query that was asked for, the last what is true of all', () => {
    const [first, second, ...rest] = results({ question: 4 });
    expect([first!.all, rest.length]).toEqual([undefined, 0]);
    expect({ ...second!, all: undefined }).toEqual({ ...first!, all: undefined });
  });

  test('without a correction the sink wins; early layers find little', () => {
    expect(last({ sink: 'counted' }).places.attention[0]).toBe(1);
    expect(last({ layer: 0 }).all!.within.attention[0]).toBeLessThan(6);
  });
});

describe("a reader's own passages", () => {
  const text =
    'Zofia likes pancakes. She slept.\n\nThe code for the mill is 22 27.\n \nBoris hid the Zeppelin in the barn.';

  test('are parted by empty lines, and unknown words stay as they were typed', () => {
    const found = last({ text, ask: 'Where is the Zeppelin?' });
    expect(found.passages).toEqual([
      { from: 1, to: 8 },
      { from: 8, to: 17 },
      { from: 17, to: 25 },
    ]);
    expect(found.capitals).toContain('zeppelin');
    expect([found.wanted, found.all, found.problems]).toEqual([-1, undefined, []]);
    expect(found.places.attention[2]).toBe(1);
    // Only the last one has a word of the query besides "the"; the first has none.
    expect(found.places.bm25).toEqual([0, 2, 1]);
  });

  test.for([
    ['nothing to rank', { text: 'Anna likes figs.', ask: 'what does anna like' }, 'There is one passage'],
    ['no text', { text: '', ask: 'what does anna like' }, 'There was no text'],
    ['no query', { text, ask: '' }, 'There was no question'],
    ['nothing that can be read', { text: '☃ ☃', ask: 'who?' }, 'mean nothing to the model'],
    ['too much', { text: 'fig. '.repeat(600), ask: 'who?' }, 'only the first 1023 were read'],
  ] as const)('%s is said', ([, change, said]) => {
    const found = last(change);
    expect(found.problems.join(' ')).toContain(said);
    expect(found.passages.length).toBeGreaterThan(0);
  });
});

test('the memory of a text goes back, also when nobody waits for the end', () => {
  const taken = engine.model.store.heap.f32.length;
  for (let i = 0; i < 30; i++) {
    const going = study.run(engine, { ...view, length: 1024 });
    going.next();
    going.return(undefined);
  }
  expect(engine.model.store.heap.f32.length).toBeLessThanOrEqual(2 * taken);
});

test('a link is read as it was written', () => {
  const link = studyLink(study);
  const own = { ...view, layer: 2, head: 'all', sink: 'counted', text: 'a b.\n\nc', ask: 'c?' } as const;
  expect(link.read(link.write(own), view)).toEqual({ view: own, problems: [] });
});
