import { describe, expect, test } from 'vitest';
import { layMap } from '../../src/catalog/lever-map.ts';
import { toRow } from '../../src/catalog/rows.ts';
import { layTimeline, stretchOf, widthOf } from '../../src/catalog/timeline.ts';
import { entries } from './entries.ts';
import { row } from './rows.ts';

const real = entries.map(toRow);

test('a day is a point, a month and a year are stretches', () => {
  expect(stretchOf('2026')).toEqual({ from: 2026, to: 2027 });
  expect(stretchOf('2026-07')).toEqual({ from: 2026.5, to: 2026 + 7 / 12 });
  expect(stretchOf('2026-07-01').from).toBeCloseTo(2026.5, 2);
});

describe.for([320, 760, 1070])('pictures %i pixels wide', (width) => {
  test('the timeline shows every dated entry once, inside, and no name upon another', () => {
    const { bands, undated, height } = layTimeline(real, width);
    const placed = bands.flatMap(({ items }) => items);
    expect([...placed.map((item) => item.row.slug), ...undated.map(({ slug }) => slug)].sort()).toEqual(
      real.map(({ slug }) => slug).sort(),
    );
    const boxes = placed.map(({ label, text, side, y }) => ({
      y,
      from: side === 'start' ? text : text - widthOf(label),
      to: side === 'start' ? text + widthOf(label) : text,
    }));
    expect(boxes.filter(({ y }) => y > height)).toEqual([]);
    expect(boxes.filter(({ from, to }) => from < 0 || to > width)).toEqual([]);
    for (const a of boxes)
      expect(boxes.filter((b) => b !== a && b.y === a.y && a.from < b.to && b.from < a.to)).toEqual([]);
  });

  test('later stands further right', () => {
    const at = new Map(
      layTimeline(real, width)
        .bands.flatMap(({ items }) => items)
        .map(({ row: { slug }, x }) => [slug, x]),
    );
    expect(at.get('mqa')).toBeLessThan(at.get('gqa')!);
    expect(at.get('h2o')).toBeLessThan(at.get('snapkv')!);
    expect(at.get('snapkv')).toBeLessThan(at.get('polykv')!);
  });

  test('the map shows every entry once, on the line of its first lever', () => {
    const { lines, none, height } = layMap(real, width);
    expect(
      [
        ...lines.flatMap(({ stations }) => stations.map((station) => station.row.slug)),
        ...none.map(({ slug }) => slug),
      ].sort(),
    ).toEqual(real.map(({ slug }) => slug).sort());
    for (const { lever, x, end, stations } of lines) {
      expect(stations.every((station) => station.row.levers[0] === lever && station.x === x && station.y <= end)).toBe(
        true,
      );
      expect(end).toBeLessThanOrEqual(height);
    }
  });
});

test('an arc leads from an entry to what builds on it, where both are shown', () => {
  const both = [row('old', { date: '2023' }), row('new', { date: '2024', buildsOn: ['old', 'hidden'] })];
  expect(layMap(both, 300).descents).toEqual([{ from: 'old', to: 'new', path: 'M40 44C28 44 28 71 40 71' }]);
});

test('nothing to show is no picture, and no mistake', () => {
  expect(layTimeline([], 500)).toMatchObject({ bands: [], undated: [] });
  expect(layMap([], 500)).toMatchObject({ lines: [], descents: [], height: 0 });
});
