import { describe, expect, test } from 'vitest';
import { reply, replyAgain } from '../../src/engine/reuse.ts';
import { engineOf, shortPrompt } from './harbour.ts';

const { model } = engineOf();
const { tokens } = shortPrompt(3, 'visible');
const first = reply(model, tokens);
/** The same beginning, then another word, and another question behind it. */
const other = [...tokens.slice(0, 100), model.config.bos, ...shortPrompt(4, 'visible').tokens.slice(-9)];
const second = reply(model, other);

test('an answer ends with the full stop, and the last token has no place in the cache', () => {
  expect(first.answer.at(-1)).toBe(model.config.stop);
  expect(first.logits).toHaveLength(first.answer.length);
  expect(first.cache.length).toBe(tokens.length + first.answer.length - 1);
});

describe('once more, behind what was found', () => {
  test.each([16, 50, 100])('%i tokens of an earlier request: no logit differs, and that work is not done', (found) => {
    const before = model.work;
    expect(replyAgain(model, [first, second], [0, found])).toBe(0);
    const work = model.work - before;
    const whole = model.work;
    replyAgain(model, [first, second], [0, 0]);
    expect(work).toBeLessThan(model.work - whole);
  });

  test('tokens that no earlier request computed cannot be found', () => {
    expect(() => replyAgain(model, [first, second], [0, 101])).toThrow('No request before 1 begins with 101');
    expect(() => replyAgain(model, [first], [1])).toThrow('No request before 0');
  });

  test('a cache of other words would show', () => {
    const wrong = reply(model, tokens, { earlier: second, found: 105, said: first.answer });
    const off = first.logits[0]!.map((x, i) => Math.abs(x - wrong.logits[0]![i]!));
    wrong.cache.release();
    expect(Math.max(...off)).toBeGreaterThan(0.01);
  });
});
