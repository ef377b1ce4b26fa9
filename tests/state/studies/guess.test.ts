import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as study from '../../../src/state/studies/guess.ts';
import { guessers, guessView, shareNear, type GuessResult, type Moment } from '../../../src/state/studies/guess.ts';
import { studyLink } from '../../../src/state/study.ts';
import { engineOf } from '../../engine/harbour.ts';

const link = studyLink(study);

test('the link names all that decides the picture', () => {
  const query = link.write(guessView);
  expect(query).toBe('v=1&seed=1&keep=0.25&every=4&scorer=qk&at=1');
  expect(link.read(query, guessView)).toEqual({ view: guessView, problems: [] });
});

// Three chunks get 500, 300 and 200 thousandths; the first and the last are near.
test('what is near of what is looked at is a sum over chunks', () => {
  const choice = { scores: [100, 0, 50], near: '101' };
  const choices = Object.fromEntries(guessers.map((name) => [name, choice])) as unknown as Moment['choices'];
  expect(shareNear({ next: [], paid: [500, 300, 200], choices }, 'lru')).toBe(0.7);
});

describe('on the model', () => {
  const engine = engineOf();
  const found = (change: Partial<typeof guessView> = {}) => [...study.run(engine, { ...guessView, ...change })];
  let result: GuessResult;
  beforeAll(() => {
    [result] = found() as [GuessResult];
  });
  afterAll(() => {
    // All that was read is given back.
    expect(engine.model.store.pool.free).toBe(engine.model.store.pool.size);
  });

  test('32 chunks of 8 words; the words behind the text, four at a time', () => {
    expect(result.words).toHaveLength(256);
    expect(result.moments.map(({ next }) => next.join(' '))).toEqual(['what is the code', 'for the office ?', '61 61']);
    for (const { paid, choices } of result.moments) {
      expect(paid).toHaveLength(32);
      // Rounded to thousandths, of which half may be off in each chunk.
      expect(Math.abs(paid.reduce((a, b) => a + b) - 1000)).toBeLessThanOrEqual(16);
      for (const { scores, near } of Object.values(choices)) {
        expect(scores.every((score) => Number.isInteger(score) && score >= 0 && score <= 100)).toBe(true);
        // A quarter of 32 chunks is 8; the first is among them.
        expect([...near].filter((x) => x === '1').length).toBeLessThanOrEqual(8);
        expect(near[0]).toBe('1');
      }
    }
  });

  test('who knows what comes has most, at every moment and budget', () => {
    for (const keep of [0.0625, 0.25, 0.5]) {
      for (const moment of found({ keep })[0]!.moments) {
        for (const name of guessers)
          expect(shareNear(moment, 'oracle')).toBeGreaterThanOrEqual(shareNear(moment, name));
      }
    }
  });

  test('the place that is about to be named cannot be guessed; once it was read, its mean key is found, and recency still misses it', () => {
    const [, asked, answered] = result.moments;
    const at = result.words.findIndex((_, i) => result.words.slice(i, i + 4).join(' ') === 'office is 61 61');
    const chunk = Math.floor(at / 8);
    expect(asked!.choices.qk.near[chunk]).toBe('0');
    expect(asked!.choices.oracle.near[chunk]).toBe('1');
    expect([answered!.choices.qk.near[chunk], answered!.choices.lru.near[chunk]]).toEqual(['1', '0']);
    expect(shareNear(answered!, 'qk')).toBeGreaterThan(4 * shareNear(answered!, 'lru'));
  });

  test('with room for all everything is near, but for the gates, which need none of it', () => {
    for (const { choices } of found({ keep: 1 })[0]!.moments) {
      for (const name of guessers) if (name !== 'lookahead') expect(choices[name].near).toBe('1'.repeat(32));
    }
  });
});
