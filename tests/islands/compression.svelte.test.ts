/** Figures of compression: what is drawn of a result, and that another view is run by the model. */
import { describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { FlipCell, Written } from '../../src/engine/measure/diagnosis.ts';
import CacheTypes from '../../src/figures/CacheTypes.svelte';
import Flips from '../../src/figures/Flips.svelte';
import Wall from '../../src/figures/Wall.svelte';
import type { CacheTypes as Trips, Trip } from '../../src/state/studies/cache-types.ts';
import type { Wall as WallResult } from '../../src/state/studies/wall.ts';

const said = (container: Element) => container.querySelector('.figure-sentence')!.textContent;
const setField = (container: Element, label: string, value: string) => {
  const field = [...container.querySelectorAll('label')].find((one) => one.textContent.includes(label))!;
  const input = field.querySelector('input')!;
  input.value = value;
  input.dispatchEvent(new Event('change', { bubbles: true }));
};

describe('the wall', () => {
  const way = (held: number, right: boolean) => ({ held, answer: right ? 'figs' : 'tea', right, p: Number(right) });
  const result: WallResult = {
    fact: 'anna likes figs .',
    question: 'what does anna like ?',
    answer: 'figs',
    visits: [
      { tokens: 50, frames: 2, ways: [way(50, true), way(50, true), way(50, true), way(20, true)] },
      { tokens: 200, frames: 5, ways: [way(200, true), way(96, false), way(96, false), way(40, true)] },
    ],
  };

  test('a dot where the answer is right, hollow where it does not fit, and a cross where it is wrong', async () => {
    const { container } = await render(Wall, { base: '/', built: JSON.stringify(result) });
    const ways = [...container.querySelectorAll('.ways section')];
    const count = (selector: string) => ways.map((section) => section.querySelectorAll(selector).length);
    expect(count('circle')).toEqual([2, 1, 1, 2]);
    expect(count('circle.over')).toEqual([1, 0, 0, 0]);
    expect(count('.lost')).toEqual([0, 1, 1, 0]);
    expect(ways[1]!.querySelector('.end')!.textContent).toContain('96 of 96: Tea');
    expect(said(container)).toContain('“Look at less” fits, and is wrong from sentence 5 on');
  });

  test('another memory is tried by the model', async () => {
    const { container } = await render(Wall, { base: '/', built: JSON.stringify(result) });
    setField(container, 'memory', '64');
    await expect.poll(() => said(container)).toContain('The model reads the text');
    await expect.poll(() => said(container), { timeout: 40_000 }).toContain('With room for 64 tokens');
    await expect
      .poll(() => container.querySelectorAll('section:first-child circle').length, { timeout: 40_000 })
      .toBe(10);
  }, 60_000);
});

test('flips: a row a grid, the one that hides most in bold, and each layer alone and left out', async () => {
  const cell = (written: Written, rule: number, fact: number): FlipCell => ({
    lane: JSON.stringify(written),
    ...written,
    rule: { flipped: rule, of: 50, within: [rule / 100, rule / 50] },
    fact: { flipped: fact, of: 50, within: [fact / 100, fact / 50] },
    kl: 0.1,
    within: [0.05, 0.2],
  });
  const layer = (index: number, alone: number, others: number): FlipCell[] => [
    cell({ scaling: 'tensor', bits: 3, layer: index, part: 'only' }, alone, 0),
    cell({ scaling: 'channel', bits: 3, layer: index, part: 'only' }, 0, 0),
    cell({ scaling: 'tensor', bits: 3, layer: index, part: 'others' }, others, 0),
  ];
  const cells = [
    cell({ scaling: 'tensor', bits: 6 }, 0, 0),
    ...(['tensor', 'channel', 'token'] as const).map((scaling, i) =>
      cell({ scaling, bits: 3 }, 20 - 5 * i, 20 - 10 * i),
    ),
    ...layer(0, 1, 20),
    ...layer(1, 3, 4),
  ];
  const { container } = await render(Flips, { base: '/', cells });
  const [sweep, layers] = [...container.querySelectorAll('table.flips')];
  const text = (row: Element) => [...row.children].map((one) => one.textContent.trim()).join(' ');
  expect([...sweep!.querySelectorAll('tbody tr')].map(text)).toEqual([
    '3, tensor × 1.11 20 20',
    '3, channel × 1.11 10 15',
    '3, token × 1.11 0 10',
  ]);
  expect(text(sweep!.querySelector('tr.hides')!)).toContain('3, token');
  expect([...layers!.querySelectorAll('tbody tr')].map(text)).toEqual(['layer 0 1 20', 'layer 1 3 4']);
  const bars = [...layers!.querySelectorAll('rect')].map((rect) => Number(rect.getAttribute('width')));
  expect(bars).toEqual([5, 100, 15, 20]);
});

describe('cache types', () => {
  const trip = (type: Trip['type'], codes: number, off: number): Trip => ({
    ...{ type, codes, scales: type === 'f16' ? 0 : 0.03125, keys: off, values: off, output: off },
    ...{ kl: off / 1e5, answer: '12', right: true },
  });
  const result: Trips = {
    tokens: 256,
    question: 'what is the code for the mill ?',
    trips: [trip('f16', 1, 0), trip('q8_0', 0.5, 0.01), trip('q4_0', 0.25, 0.125)],
  };

  test('bytes as bars of codes and scales, errors as bars, a row a type', async () => {
    const { container } = await render(CacheTypes, { base: '/', built: JSON.stringify(result) });
    const widths = (selector: string) =>
      [...container.querySelectorAll(`tbody ${selector}`)].map((rect) => Number(rect.getAttribute('width')));
    expect(widths('.codes')).toEqual([100, 50, 25]);
    expect(widths('.scales')).toEqual([0, 3.125, 3.125]);
    expect(widths('.off').slice(-3)).toEqual([50, 50, 50]);
    const cells = [...container.querySelectorAll('tbody tr')].map((row) => row.children[1]!.textContent);
    expect(cells).toEqual(['16.0', '8.5', '4.5']);
  });

  test('another text is written by the model', async () => {
    const { container } = await render(CacheTypes, { base: '/', built: JSON.stringify(result) });
    setField(container, 'seed', '8');
    await expect.poll(() => container.querySelectorAll('tbody tr').length, { timeout: 40_000 }).toBe(7);
    expect(said(container)).toContain('q8_0 takes 53');
  }, 60_000);
});
