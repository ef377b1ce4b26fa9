import { describe, expect, test } from 'vitest';
import { compresskv } from '../../../src/engine/eviction/compresskv.ts';
import { lessonSeed, lessonTexts, readLesson } from '../../../src/engine/lessons.ts';
import { heldOut, heldOutSeed, Rights } from '../../../src/engine/measure/rights.ts';
import type { Prepared } from '../../../src/engine/engine.ts';
import { compare, engineOf } from '../harbour.ts';

const engine = engineOf();

describe('texts that neither training nor calibration saw', () => {
  const lanes = ['full', 'random', 'snapkv'];

  test('are counted one by one, at every budget', () => {
    const rights = new Rights(engine, lanes, [0.125, 0.5]);
    const byHand = [0.125, 0.5].map(() => [0, 0, 0]);
    for (const prepared of heldOut(engine, { seed: heldOutSeed, texts: 3, moment: 'later' })) {
      rights.add(prepared);
      [0.125, 0.5].forEach((keep, b) =>
        compare(engine, prepared, lanes, keep).forEach(({ right }, i) => (byHand[b]![i]! += right ? 1 : 0)),
      );
    }
    expect([rights.n, rights.right]).toEqual([3, byHand]);
    expect(rights.right[0]![0]).toBe(3);
    // Wilson's interval of 3 of 3 begins at 3 / (3 + 1.96 ** 2) = 0.4385.
    expect(rights.rates[0]![0]).toEqual([3, 0.439, 1]);
  });

  test('follow the seed, with another question each; memory goes back before the next is read', () => {
    const read: Prepared[] = [];
    for (const prepared of heldOut(engine, { seed: heldOutSeed, texts: 2, moment: 'visible' })) read.push(prepared);
    expect(read.map(({ prompt }) => prompt.textLength)).toEqual([512, 512]);
    expect(read[0]!.prompt.words).not.toEqual(read[1]!.prompt.words);
    expect(() => compare(engine, read[0]!, ['snapkv'], 0.5)).toThrow('given back');
  });
});

test('lessons are those that the shipped calibration was learned from', () => {
  const { kvHeads } = engine.model.config;
  const sums = [0, 1, 2, 3].map(() => new Float64Array(8));
  for (let i = 0; i < lessonTexts; i++) {
    const { layers, lesson, release } = readLesson(engine, lessonSeed + i);
    layers.forEach((layer, at) =>
      compresskv
        .learns!.from([layer], [lesson])
        .forEach((row, kvHead) => row.forEach((x, g) => (sums[at]![(kvHead * 8) / kvHeads + g]! += x / lessonTexts))),
    );
    release();
  }
  sums.forEach((row, layer) => {
    const shipped = engine.model.learned.of('span_attention', layer);
    row.forEach((x, head) => expect(x).toBeCloseTo(shipped[head]!, 4));
  });
}, 60_000);
