import { describe, expect, test } from 'vitest';
import { triattention } from '../../../src/engine/eviction/triattention.ts';
import { keptBy, layerOf, randomTensors, scoresOf } from './layers.ts';

// Two numbers a head are one pair, which turns by 1 a token. A key that stands at angle a: what a query at angle b pays to it is cos(b - a).
describe('one pair, three keys, a mean query of angle 0 before rotation', () => {
  const at = (angle: number, length = 1) => [length * Math.cos(angle), length * Math.sin(angle)];
  const keys = [[at(3), at(3 - Math.PI / 2), at(3 + Math.PI)]];
  const score = (norm: number, reach: number, given = keys) =>
    scoresOf(triattention, layerOf({ keys: given, query_centers: [[1, 0, norm]] }), 1, { reach })[0]!;
  const close = (scores: number[], expected: number[]) =>
    expected.forEach((score, j) => expect(scores[j]).toBeCloseTo(score, 5));

  // The newest token is 2, so the next query stands at 3: cosines 1, 0 and -1, whose deviation is sqrt(2 / 3).
  test('a token from now', () => {
    close(score(1, 0), [Math.sqrt(1.5), 0, -Math.sqrt(1.5)]);
  });

  // Queries at 3 and 4: the means of 1 and cos 1, of 0 and cos(1 + pi / 2) = -sin 1, and the first with another sign.
  test('the mean over distances that double', () => {
    const raw = [(1 + Math.cos(1)) / 2, -Math.sin(1) / 2, -(1 + Math.cos(1)) / 2];
    const mean = raw.reduce((a, b) => a + b) / 3;
    const deviation = Math.sqrt(raw.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3);
    close(
      score(1, 1),
      raw.map((x) => (x - mean) / deviation),
    );
  });

  // Queries three long of which one points the same way every time: 2 for the length of each key. 1 * 1 + 2 * 1, 0 + 2 * 4 and -0.5 + 2 * 0.5.
  test('what does not point the same way counts by length', () => {
    const lengths = [[at(3), at(3 - Math.PI / 2, 4), at(3 + Math.PI, 0.5)]];
    const raw = [3, 8, 0.5];
    const deviation = Math.sqrt(raw.reduce((sum, x) => sum + (x - 11.5 / 3) ** 2, 0) / 3);
    close(
      score(3, 0, lengths),
      raw.map((x) => (x - 11.5 / 3) / deviation),
    );
  });

  // The same keys: 1, 0 and -0.5 without what their lengths add.
  test('without the norm term lengths count only along the mean query', () => {
    const lengths = [[at(3), at(3 - Math.PI / 2, 4), at(3 + Math.PI, 0.5)]];
    const layer = layerOf({ keys: lengths, query_centers: [[1, 0, 3]] });
    const deviation = Math.sqrt(((5 / 6) ** 2 + (1 / 6) ** 2 + (2 / 3) ** 2) / 3);
    close(
      scoresOf(triattention, layer, 1, { reach: 0, norm: false })[0]!,
      [5 / 6, -1 / 6, -2 / 3].map((x) => x / deviation),
    );
  });

  test('the same for all is nothing for all', () => {
    expect(score(1, 0, [[at(1), at(1), at(1)]])).toEqual([0, 0, 0]);
  });

  // The second head looks the other way: what either wants stays.
  test('the most that a head of the group wants', () => {
    const layer = layerOf({
      keys: [[at(3), at(3 - Math.PI / 2), at(3 + Math.PI)]],
      query_centers: [[1, 0, 1, -1, 0, 1]],
    });
    close(scoresOf(triattention, layer, 2, { reach: 0 })[0]!, [Math.sqrt(1.5), 0, Math.sqrt(1.5)]);
    expect(keptBy(triattention, layer, 2, { reach: 0 })).toEqual([[0, 2]]);
  });
});

/** Equations 6 to 13 as they are printed, from keys before rotation. */
function printed(keys: number[][], centers: number[][], norms: number[][], theta: number): number[] {
  const half = norms[0]!.length;
  const rows = centers.map((center, head) => {
    const scores = keys.map((key, p) => {
      let sum = 0;
      for (let doubling = 0; doubling <= 16; doubling++) {
        const distance = keys.length - 1 - p + 2 ** doubling;
        for (let f = 0; f < half; f++) {
          const [q, k] = [Math.hypot(center[f]!, center[f + half]!), Math.hypot(key[f]!, key[f + half]!)];
          const phase = Math.atan2(center[f + half]!, center[f]!) - Math.atan2(key[f + half]!, key[f]!);
          const spread = (1 - q / norms[head]![f]!) * norms[head]![f]! * k;
          sum += (q * k * Math.cos(theta ** (-f / half) * distance + phase) + spread) / 17;
        }
      }
      return sum;
    });
    const mean = scores.reduce((a, b) => a + b) / scores.length;
    const deviation = Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scores.length);
    return scores.map((x) => (x - mean) / deviation);
  });
  return keys.map((_, j) => Math.max(...rows.map((row) => row[j]!)));
}

test('is the series in the distance, though it never sees a key before rotation', () => {
  const { keys, keys_prerope, query_centers, queries } = randomTensors(11, {
    seq: 20,
    heads: 4,
    kvHeads: 2,
    headDim: 8,
  });
  const scores = scoresOf(triattention, layerOf({ keys, queries, query_centers }), 5);
  keys_prerope.forEach((rows, kvHead) => {
    const group = [query_centers[kvHead]!.slice(0, 12), query_centers[kvHead]!.slice(12)];
    const [centers, norms] = [group.map((numbers) => numbers.slice(0, 8)), group.map((numbers) => numbers.slice(8))];
    const expected = printed(rows, centers, norms, 10000);
    expected.forEach((score, j) => expect(scores[kvHead]![j]).toBeCloseTo(score, 4));
  });
});

// Queries before rotation (3, 4) and (-1, 0) of one head, (0, 2) and (0, 2) of the other: (1, 2) and (0, 2) on average, and 3 and 2 long.
test('learns where queries point before they are turned, and how long they are', () => {
  const layer = layerOf({
    keys: [
      [
        [1, 0],
        [1, 0],
      ],
    ],
    queries_prerope: [
      [
        [3, 4],
        [-1, 0],
      ],
      [
        [0, 2],
        [0, 2],
      ],
    ],
  });
  const [row] = triattention.learns!.from([layer, layer], []);
  expect([...row!]).toEqual([1, 2, 3, 0, 2, 2]);
});

test('asks for its calibration', () => {
  expect(() => scoresOf(triattention, layerOf({ keys: [[[1, 0]]] }), 1)).toThrow('The layer has no query_centers.');
});
