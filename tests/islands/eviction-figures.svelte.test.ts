/** Figures of eviction that show an experiment: what they say of a result, and what keys do to it. The results are made up, and small. */
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { interval } from '../../src/engine/measure/interval.ts';
import type { Config } from '../../src/engine/model/config.ts';
import CompressKv from '../../src/figures/CompressKv.svelte';
import PolyKv from '../../src/figures/PolyKv.svelte';
import { lookers } from '../../src/figures/choosers.ts';
import TriAttention from '../../src/figures/TriAttention.svelte';

const figure = (container: Element) => ({
  sentence: () => container.querySelector('.figure-sentence')!.textContent,
  counts: () => [...container.querySelectorAll('.count')].map((count) => count.textContent),
  all: (selector: string) => [...container.querySelectorAll(selector)],
  press: (key: string) =>
    container.querySelector('figure')!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })),
});

const rates = (rows: readonly (readonly number[])[]) =>
  rows.map((row) => row.map((right) => [right, ...interval(right, 24)]));

test('centers: arrows go to another head, space to another budget', async () => {
  const config = { layers: 4, heads: 8, kvHeads: 4, headDim: 32, ropeTheta: 10_000 } as Config;
  const row = (count: number, of: (i: number) => number) => Array.from({ length: count }, (_, i) => of(i)).join(' ');
  const heads = Array.from({ length: 32 }, (_, head) => ({
    bands: row(16, () => head / 31),
    concentration: head / 32,
    means: row(128, (i) => Math.cos(i + 1)),
    cosines: row(16, (f) => Number(f === 0)),
    sines: row(16, () => 0),
    r: 0.5,
    single: 0.25,
    strays: 1,
  }));
  const built = JSON.stringify({
    n: 24,
    frequencies: Array.from({ length: 16 }, (_, f) => 10_000 ** (-f / 16)),
    heads,
    rates: rates([
      [1, 2],
      [20, 3],
      [23, 24],
    ]),
  });
  const { container } = await render(TriAttention, { base: '/', config, built });
  const { sentence, counts, all, press } = figure(container);
  expect(sentence()).toContain('Query head 5 of layer 1, R = 0.40625');
  expect(sentence()).toContain('right on 20 of 24 questions with its norm term and on 3 without.');
  expect(all('.maps svg').map((map) => map.querySelectorAll('.chosen').length)).toEqual([0, 1, 0, 0]);
  press('ArrowRight');
  await expect.poll(sentence).toContain('Query head 6 of layer 1, R = 0.4375');
  expect(all('.chosen')[0]!.getAttribute('x')).toBe('6');
  press(' ');
  await expect.poll(counts).toEqual(['23 of 24', '24 of 24']);
  expect(sentence()).toContain('too few to tell the two apart');
  // The series of one cosine is the mean itself: both lines have the same heights.
  const points = (d: string) => d.match(/[ML]\d+ (-?[\d.]+)/g)!.map((point) => Number(point.split(' ')[1]));
  const [means, series] = ['.means', '.series'].map((path) => points(all(path)[0]!.getAttribute('d')!));
  means!.forEach((y, i) => expect(Math.abs(y - series![i]!)).toBeLessThanOrEqual(0.2));
});

test('choosers: words have the ink of the layers that hold them, and the sentence says who looks', async () => {
  const lane = (layers: string, right: boolean) => ({
    layers,
    entries: [1, 1, 1, 1],
    answer: right ? ['figs'] : ['rice'],
    right,
  });
  const built = JSON.stringify({
    span: [
      [0, 0.02, 0, 0],
      [0.9, 0, 0, 0.6],
    ],
    text: {
      words: ['<bos>', 'mina', 'likes', 'figs', '.'],
      textLength: 5,
      sentence: [1, 5],
      question: ['what', 'does', 'mina', 'like', '?'],
      capitals: [],
    },
    chosen: [0, 1, 2, 3, 4].map((b) => [lane('20000', false), lane('02100', b > 1), lane('22222', true)]),
    n: 24,
    rates: rates([0, 1, 2, 3, 4].map((b) => [b, 24, 20])),
  });
  const { container } = await render(CompressKv, { base: '/', built });
  const { sentence, counts, all, press } = figure(container);
  expect(sentence()).toContain('2 of 8 heads, all in layer 1, pay half of their attention or more');
  expect(all('.span .chosen')).toHaveLength(4);
  expect(counts()).toEqual(['1 of 24', '24 of 24', '20 of 24']);
  const inks = () =>
    all('.lane').map((lane) => [...lane.querySelectorAll('.lane-words [class^=ink]')].map((w) => w.className));
  // The first word is not shown.
  expect(inks()[0]).toEqual(['ink-0', 'ink-0', 'ink-0', 'ink-0']);
  expect(inks()[1]).toEqual(['ink-16', 'ink-8', 'ink-0', 'ink-0']);
  expect(inks()[2]).toEqual(['ink-16', 'ink-16', 'ink-16', 'ink-16']);
  expect(all('.verdict').map((verdict) => verdict.textContent)).toEqual(['wrong', 'wrong', 'right']);
  press('ArrowRight');
  await expect.poll(counts).toEqual(['2 of 24', '24 of 24', '20 of 24']);
  expect(all('.verdict').map((verdict) => verdict.textContent)).toEqual(['wrong', 'right', 'right']);
});

test('a model without such heads is told so', () => {
  expect(
    lookers([
      [0.1, 0.04],
      [0.2, 0.3],
    ]),
  ).toContain('No head of 4 pays half');
  expect(
    lookers([
      [0.1, 0.04],
      [0.7, 0.8],
    ]),
  ).toMatch(/^All heads of layer 1 pay half/);
});

test('plan: the chosen rules are framed and said, and a budget has its own counts', async () => {
  const built = JSON.stringify({
    rules: ['h2o', 'snapkv', 'streaming-llm', 'tova'],
    cosines: [
      [0.9, 0.8, 0.7, 0.6],
      [0.6, 0.7, 0.8, 0.9],
    ],
    plan: [0, 3],
    inverted: [3, 0],
    taught: 20,
    n: 24,
    rates: rates([
      [1, 1, 1, 1, 1, 1],
      [10, 20, 5, 5, 21, 2],
      [24, 24, 24, 24, 0, 0],
    ]),
  });
  const { container } = await render(PolyKv, { base: '/', built });
  const { sentence, counts, all, press } = figure(container);
  expect([all('.plan .chosen').length, all('.plan .turned').length]).toEqual([2, 2]);
  expect(sentence()).toContain('The plan has H2O in layer 0 and TOVA in layer 1');
  expect(sentence()).toContain('right on 21, the best single rule (SnapKV) on 20, the inverted plan on 2');
  expect(sentence()).toContain('and the inverted plan is far behind');
  press('ArrowRight');
  await expect.poll(() => counts().at(-2)).toBe('0 of 24');
  expect(sentence()).toContain('the plan is behind');
});
