import { expect, test } from 'vitest';
import { membersOf } from '../../src/engine/members.ts';
import { paidFor } from '../../src/figures/score-costs.ts';
import { config } from '../engine/harbour.ts';

test('every rule stands in the list once, wrappers aside, and the more it looks at the more it pays', () => {
  const paid = paidFor(config, 512);
  const said = paid.flatMap(({ rules }) => rules.map(({ names }) => names)).join(', ');
  for (const { caption, wraps } of membersOf('score'))
    expect(
      said.split(/, | and /).filter((name) => name === caption.name),
      caption.name,
    ).toHaveLength(wraps ? 0 : 1);
  const [none, some, all, again, future] = paid.map(({ rules }) => rules.map(({ macs }) => macs));
  expect(none).toEqual([0]);
  // One row of 512 products, in eight query heads of 32 numbers.
  expect(some![0]).toBe(512 * 256);
  expect(all).toEqual([256 * ((512 * 513) / 2)]);
  expect(some!.at(-1)!).toBeLessThan(all![0]!);
  expect(again![0]).toBeGreaterThan(all![0]!);
  expect(future).toEqual([undefined]);
});

test('nothing costs nothing', () => {
  for (const { rules } of paidFor(config, 0)) for (const { macs = 0 } of rules) expect(macs).toBe(0);
});
