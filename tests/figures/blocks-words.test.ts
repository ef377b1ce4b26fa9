import { expect, test } from 'vitest';
import { requestMix, type Asked } from '../../src/engine/paging/request-mix.ts';
import { serve } from '../../src/engine/paging/serve.ts';
import { Recorder } from '../../src/engine/paging/trace.ts';
import { actionWords, blockRows, marksOf, stepWords, tally } from '../../src/figures/blocks-words.ts';

const served = (blocks: number, arrivals: readonly Asked[]) =>
  serve(
    new Recorder({ block_size: 2, n_blocks: blocks, null_block_reserved: false, freed_unhashed_blocks_go_to: 'tail' }),
    arrivals,
  );
const asked = (name: string, prompt: string, answer: string, more: Partial<Asked> = {}): Asked => ({
  name,
  at: 0,
  prompt: prompt.split(' '),
  answer: answer.split(' '),
  ...more,
});

// A fills block 0 and half of 1. B forks it; A writes into a copy, block 2. C needs three blocks beside the hit, and two are free.
const steps = served(4, [
  asked('A', 'a b c', 'x'),
  asked('B', 'a b c', 'y', { sampleOf: 'A' }),
  asked('C', 'a b d e f g h', 'z'),
]);

test('a step in words', () => {
  expect(steps.slice(0, 4).map((step) => `${step.request} ${stepWords(step)}`)).toEqual(
    [
      'A comes, and 0 of its 3 tokens are there already.',
      'B comes, a second sample of the same prompt: it holds the same blocks.',
      'C needs 3 more blocks, and 2 are to be had: nothing changes.',
      'A writes “x”. Block 1 is not its own alone, so it writes into a copy, block 2.',
    ].map((line) => line),
  );
});

test('nothing is said of nothing', () => {
  expect([stepWords(undefined), actionWords(undefined)]).toEqual(['No request has come yet.', 'nothing has come yet']);
});

test('marks say what a step did to a block', () => {
  expect([...marksOf(steps[0]!)]).toEqual([
    [0, 'new'],
    [1, 'new'],
  ]);
});

test('found tokens are those of hits and of forks', () => {
  expect(tally(steps.slice(0, 2))).toEqual({ prompts: 6, found: 3, evicted: 0, copies: 0 });
  const mix = served(80, requestMix(7));
  const { prompts, found } = tally(mix);
  expect(prompts).toBe(requestMix(7).reduce((sum, { prompt }) => sum + prompt.length, 0));
  expect(found).toBeGreaterThan(prompts / 2);
});

test('a row for each step', () => {
  expect(blockRows(steps)[1]).toEqual({
    step: 2,
    action: 'fork',
    request: 'B',
    result: '',
    held: 2,
    shared: 2,
    free: 2,
    known: 1,
    evicted: '',
    free_queue: '2 3',
  });
});
