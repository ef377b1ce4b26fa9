import { describe, expect, test } from 'vitest';
import {
  answered,
  best,
  foundPacked,
  keptBetween,
  paidBefore,
  reread,
  sinks,
  span,
  survived,
} from '../../../src/engine/measure/next-turn.ts';
import { seededPrompt } from '../../../src/engine/prompt.ts';
import { engineOf, vocabulary } from '../harbour.ts';

/** The first token, a history of four, and the last tokens, which look large and are not counted. */
const paid = Float64Array.of(9, 0.1, 0.2, 0.3, 0.4, ...new Array<number>(span).fill(5));

// Of 1.0 in the history tokens 2 and 4 hold 0.2 + 0.4; the two largest are 0.4 and 0.3.
test('what is left of the attention to the history, and the most that so many tokens could hold', () => {
  expect(survived(paid, new Set([0, 2, 4, 7]))).toBeCloseTo(0.6, 12);
  expect(best(paid, 2)).toBeCloseTo(0.7, 12);
  expect([best(paid, 9), best(paid, -1), survived(paid, new Set())]).toEqual([1, 0, 0]);
  expect(survived(new Float64Array(40), new Set([3]))).toBe(0);
});

test('where survivors are packed, a prefix is found again up to the first token that was dropped', () => {
  expect(foundPacked(new Set([0, 1, 3, 4]))).toBe(2);
  expect(foundPacked(new Set([1, 2]))).toBe(0);
});

describe('a conversation of four turns', () => {
  const engine = engineOf();
  const kinds = ['code', 'place', 'liking', 'list'] as const;
  const prompt = seededPrompt(vocabulary, 9, { length: 192, kinds, turns: 3, again: true }, 0, 'later');
  const talk = reread(engine, answered(engine, prompt));
  const { ends, tokens } = talk;
  const [alone, memory] = [Infinity, 0].map((decay) => keptBetween(talk, decay, 0.5));

  test('is the text, and each question with the full cache\u2019s answer', () => {
    expect(ends[0]).toBe(prompt.textLength);
    expect(ends).toHaveLength(5);
    prompt.turns.forEach(({ question, expected }, i) => {
      const words = prompt.tokenizer.decode(tokens.slice(ends[i], ends[i + 1]));
      expect(words.slice(0, question.words.length)).toEqual(question.words);
      expect(words.slice(question.words.length, question.words.length + expected!.length)).toEqual(expected);
    });
  });

  test('a turn pays no more than all of its attention to what came before it', () => {
    for (const before of paidBefore(talk)) {
      const sum = before.reduce((a, b) => a + b, 0);
      expect(sum).toBeGreaterThan(0.3);
      expect(sum).toBeLessThan(1);
    }
  });

  test('half of the tokens stay each time, the ends among them, and what went once does not come back', () => {
    for (const sets of [alone!, memory!]) {
      sets.forEach((kept, at) => {
        const end = ends[at]!;
        expect(kept.size).toBe(Math.trunc(end / 2));
        for (let token = end - span; token < end; token++) expect(kept.has(token)).toBe(true);
        for (let token = 0; token < sinks; token++) expect(kept.has(token)).toBe(true);
        if (at) for (const token of kept) expect(token >= ends[at - 1]! || sets[at - 1]!.has(token)).toBe(true);
      });
    }
  });

  test('there is nothing to remember before the first turn; behind the third, the memory has kept what the first asked for', () => {
    expect(alone![0]).toEqual(memory![0]);
    const last = paidBefore(talk)[3]!;
    expect(survived(last, memory![3]!)).toBeGreaterThan(survived(last, alone![3]!) + 0.2);
    expect(survived(last, memory![3]!)).toBeLessThanOrEqual(best(last, memory![3]!.size - sinks - span) + 1e-12);
  });
});
