import { afterAll, expect, test } from 'vitest';
import {
  asking,
  attentionOf,
  inGroups,
  keysLike,
  meansOf,
  paidBy,
  placesOf,
  rankOf,
  sentencesOf,
} from '../../../src/engine/measure/passages.ts';
import { Prefix } from '../../../src/engine/prefix.ts';
import { engineOf, shortPrompt } from '../harbour.ts';

test('sentences are passages, with or without a last full stop, and <bos> is in none', () => {
  const passages = [
    { from: 1, to: 4 },
    { from: 4, to: 6 },
  ];
  expect(sentencesOf(['<bos>', 'a', 'b', '.', 'c', '.'])).toEqual(passages);
  expect(sentencesOf(['<bos>', 'a', 'b', '.', 'c', 'd'])).toEqual(passages);
});

// (2 + 4) / 2 and (1 + 1 + 4) / 3.
test('a passage is worth the mean of its words, so that a long one has no advantage', () => {
  const means = meansOf(Float64Array.of(9, 2, 4, 1, 1, 4), [
    { from: 1, to: 3 },
    { from: 3, to: 6 },
  ]);
  expect([...means]).toEqual([3, 2]);
});

test('places count from 1, and of equal scores the older comes first', () => {
  expect([0, 1, 2, 3].map((at) => rankOf([2, 5, 2, 1], at))).toEqual([2, 1, 3, 4]);
});

test('sentences are taken together, and the last passage may have fewer', () => {
  const five = [1, 3, 4, 8, 9].map((from, i, all) => ({ from, to: all[i + 1] ?? 12 }));
  expect(inGroups(five, 2)).toEqual([
    { from: 1, to: 4 },
    { from: 4, to: 9 },
    { from: 9, to: 12 },
  ]);
  expect(inGroups(five, 1)).toEqual(five);
  expect(placesOf([2, 5, 2, 1])).toEqual([2, 1, 3, 4]);
});

const engine = engineOf();
const { model } = engine;
const prompt = shortPrompt(5, 'later');
const all = prompt.tokens.length;
const read = new Prefix(model, { ...prompt, compressedAt: all, judgedAt: all });
afterAll(() => {
  read.release();
});
const asked = { model, cache: read.cache, queries: read.queries, from: prompt.textLength, to: all };

test('all that the rows of a query pay is shared out, but for what goes to <bos> and to the query itself', () => {
  const everything = [{ from: 0, to: all - (all - prompt.textLength) }];
  const [whole] = attentionOf(asked, everything);
  const rows = (all - prompt.textLength) * model.store.heads;
  expect(whole! * prompt.textLength).toBeLessThanOrEqual(rows + 1e-3);
  const sentences = sentencesOf(prompt.words.slice(0, prompt.textLength));
  const sum = attentionOf(asked, sentences).reduce((total, mean, i) => {
    const { from, to } = sentences[i]!;
    return total + mean * (to - from);
  }, 0);
  const [bos] = attentionOf(asked, [{ from: 0, to: 1 }]);
  expect(sum + bos!).toBeCloseTo(whole! * prompt.textLength, 3);
});

test('the sentence that answers is found by attention; a mean key is a cosine', () => {
  const sentences = sentencesOf(prompt.words.slice(0, prompt.textLength));
  const { sentence } = prompt.turns[0]!.question;
  const wanted = sentences.findIndex(({ from }) => from === sentence![0]);
  expect(rankOf(attentionOf(asked, sentences), wanted)).toBe(1);
  for (const likeness of keysLike(asked, sentences)) expect(Math.abs(likeness)).toBeLessThanOrEqual(1 + 1e-6);
});

test('a query on a fork of the text that was read pays what it pays behind the text, and leaves nothing there', () => {
  const text = new Prefix(model, { ...prompt, compressedAt: prompt.textLength, judgedAt: prompt.textLength });
  const paid = () => asking(text, prompt.turns[0]!.tokens, (rows) => paidBy(rows));
  expect([...paid()]).toEqual([...paidBy(asked)]);
  expect([...paid()]).toEqual([...paidBy(asked)]);
  expect(text.cache.length).toBe(prompt.textLength);
  // Heads share nothing: what two of them pay is what each pays.
  const of = (...heads: number[]) => paidBy(asked, heads);
  of(3, 7).forEach((sum, at) => expect(sum).toBeCloseTo(of(3)[at]! + of(7)[at]!, 10));
  text.release();
});
