import { describe, expect, test } from 'vitest';
import { requestMix, textsOf, type Asked } from '../../../src/engine/paging/request-mix.ts';
import { serve, type Served } from '../../../src/engine/paging/serve.ts';
import { Recorder } from '../../../src/engine/paging/trace.ts';

const served = (blocks: number, arrivals: readonly Asked[], size = 4, shared = true) =>
  serve(
    new Recorder(
      { block_size: size, n_blocks: blocks, null_block_reserved: false, freed_unhashed_blocks_go_to: 'tail' },
      shared,
    ),
    arrivals,
  );
const told = (steps: readonly Served[]) => steps.map(({ action, request }) => `${request} ${action}`);
const words = (text: string) => text.split(' ');

describe('a mix of requests', () => {
  const mix = requestMix(7);

  test('the same seed, the same requests; texts begin them and sentences of the texts answer them', () => {
    expect(requestMix(7)).toEqual(mix);
    const texts = textsOf(7).map((text) => text.words.join(' '));
    for (const { prompt, answer, sampleOf } of mix) {
      const text = texts.find((one) => prompt.join(' ').startsWith(one))!;
      expect(text).toContain(answer.slice(sampleOf === undefined ? 0 : 3).join(' '));
    }
    expect(mix.map(({ name }) => name).join('')).toBe('ABCDEFGH');
  });

  test('any seed has one', () => {
    for (const seed of [0, 1, 99, 4294967295])
      expect(requestMix(seed).every(({ answer }) => answer.length > 2)).toBe(true);
  });

  test.each([1, 4, 16])(
    'with room for all everybody is answered, in blocks of %i, and every block comes back',
    (size) => {
      const steps = served(400, mix, size);
      expect(steps.filter(({ action }) => action === 'done').length).toBe(mix.length);
      expect(steps.some(({ action }) => action === 'preempt')).toBe(false);
      for (const { name, prompt, answer } of mix) {
        const last = steps.findLast(({ action, request }) => action === 'append' && request === name)!;
        expect(last.texts[name]).toEqual([...prompt, ...answer]);
      }
      expect(steps.at(-1)!.state.free_queue.length).toBe(400);
    },
  );

  test('in any pool it comes to an end, and no block is lost', () => {
    for (let blocks = 8; blocks <= 60; blocks += 4) {
      const steps = served(blocks, mix);
      const { free_queue, tables } = steps.at(-1)!.state;
      expect([free_queue.length, tables], `${blocks} blocks`).toEqual([blocks, {}]);
    }
  });

  test('without prefix caching nothing is found', () => {
    const results = served(400, mix, 4, false).flatMap(({ action, state }) => (action === 'add' ? [state.result] : []));
    expect(new Set(results)).toEqual(new Set([0]));
  });
});

const asked = (name: string, prompt: string, answer: string, more: Partial<Asked> = {}): Asked => ({
  name,
  at: 0,
  prompt: words(prompt),
  answer: words(answer),
  ...more,
});

test('who is live writes in turn, a word each', () => {
  expect(told(served(20, [asked('A', 'a b', 'x y'), asked('B', 'c', 'z')]))).toEqual([
    'A add',
    'B add',
    'A append',
    'B append',
    'A append',
    'B done',
    'A done',
  ]);
});

test('a second sample forks the first, and who writes first gets a copy of the last block', () => {
  const steps = served(20, [asked('A', 'a b c d e', 'x'), asked('B', 'a b c d e', 'y', { sampleOf: 'A' })]);
  expect(told(steps).slice(0, 4)).toEqual(['A add', 'B fork', 'A append', 'B append']);
  expect(steps[1]!.state.ref).toEqual({ 0: 2, 1: 2 });
  expect(steps[2]!.events).toContainEqual({ type: 'copy', from: 1, to: 2 });
  expect(steps[3]!.state.tables).toEqual({ A: [0, 2], B: [0, 1] });
});

// Three blocks of four. A and B take one each and fill it; A takes the third for its next word, B finds none. The younger of the two is B itself once
// A has been served, so A, who stands behind it in the row, goes.
test('who finds no block sends the youngest away, which comes back with all it has', () => {
  const steps = served(3, [asked('A', 'a b c d', 'p q r s t u'), asked('B', 'k l m n', 'v w')]);
  const all = told(steps);
  const at = all.findIndex((one) => one.endsWith('preempt'));
  expect(all.slice(0, at + 1)).toEqual(['A add', 'B add', 'A append', 'B append', 'A preempt']);
  expect(steps[at - 1]!.state.result).toBeNull();
  expect(steps[at]!.waiting).toEqual(['A']);
  const back = steps.findLast(
    ({ action, request, state }) => action === 'add' && request === 'A' && state.result !== null,
  )!;
  expect(back.texts['A']!.slice(0, 5)).toEqual(words('a b c d p'));
  expect(all.filter((one) => one.endsWith('done')).sort()).toEqual(['A done', 'B done']);
});

test('who can never fit is turned away, and who outgrows the pool alone is given up', () => {
  expect(told(served(2, [asked('A', 'a b c d e f g h i', 'x'), asked('B', 'c', 'z')]))).toEqual([
    'A add',
    'B add',
    'B append',
    'B done',
  ]);
  expect(told(served(1, [asked('A', 'a b c d', 'x')]))).toEqual(['A add', 'A append', 'A preempt']);
});
