import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as study from '../../../src/state/studies/upper-bounds.ts';
import { boundsView, byBound, type BoundsResult } from '../../../src/state/studies/upper-bounds.ts';
import { studyLink } from '../../../src/state/study.ts';
import { engineOf } from '../../engine/harbour.ts';

const link = studyLink(study);

test('the link names all that decides the picture', () => {
  const query = link.write(boundsView);
  expect(query).toBe('v=1&seed=1&layer=3&head=0&page=16&top=2&word=0&place=1');
  expect(link.read(query, boundsView)).toEqual({ view: boundsView, problems: [] });
});

test('pages stand in the order of their bounds, of equal ones the older first', () => {
  expect(byBound({ bounds: [1, 3, 2, 3] })).toEqual([1, 3, 2, 0]);
});

describe('on the model', () => {
  const engine = engineOf();
  const found = (change: Partial<typeof boundsView> = {}): BoundsResult =>
    [...study.run(engine, { ...boundsView, ...change })][0]!;

  test('no key exceeds the bound of its page, in any head, with pages of any size', () => {
    fc.assert(
      fc.property(
        fc.record({
          layer: fc.integer({ min: 0, max: 3 }),
          head: fc.integer({ min: 0, max: 3 }),
          page: fc.constantFrom(4, 12, 16, 64),
        }),
        (change) => {
          const { asking, words } = found(change);
          for (const { bounds, peaks, best, paid } of asking) {
            expect(bounds).toHaveLength(Math.ceil(words.length / change.page));
            bounds.forEach((bound, p) => expect(bound).toBeGreaterThanOrEqual(peaks[p]!));
            best.forEach((token, p) => expect(Math.floor(token / change.page)).toBe(p));
            expect(Math.abs(paid.reduce((a, b) => a + b) - 1000)).toBeLessThanOrEqual(paid.length / 2);
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  // 32 numbers, each rounded to hundredths.
  test('the channels of a page add up: their tops to the bound, and what the best key gives lies in its range', () => {
    const { asking } = found();
    for (const { channels, bounds, peaks } of asking) {
      channels.forEach((text, p) => {
        const numbers = text.split(' ').map(Number);
        expect(numbers).toHaveLength(3 * 32);
        const sum = (part: number) => numbers.filter((_, i) => i % 3 === part).reduce((a, b) => a + b);
        expect(Math.abs(sum(1) - bounds[p]!)).toBeLessThan(0.2);
        expect(sum(2)).toBeLessThanOrEqual(peaks[p]! + 0.2);
        numbers.forEach((x, i) => {
          if (i % 3 === 2) expect(x >= numbers[i - 2]! && x <= numbers[i - 1]!).toBe(true);
        });
      });
    }
  });

  test('the page with the answer holds the attention, and another page has the highest bound', () => {
    const { asking, words } = found();
    const [first] = asking;
    expect([first!.word, words[first!.best[3]!]]).toEqual(['61', '61']);
    expect(first!.paid[3]).toBeGreaterThan(950);
    expect(byBound(first!).slice(0, 2)).toEqual([15, 3]);
  });
});
