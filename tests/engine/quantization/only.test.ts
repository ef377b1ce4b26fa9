import { expect, test } from 'vitest';
import { parseLane, printLane } from '../../../src/engine/lane-spec.ts';
import { makePlan } from '../../../src/engine/plan.ts';
import { perToken } from '../../../src/engine/quantization/per-token.ts';
import { only } from '../../../src/engine/quantization/only.ts';
import { qvg } from '../../../src/engine/quantization/qvg.ts';
import { gaussian, shape } from './rows.ts';

const inner = perToken.make({ bits: 4, group: 0, symmetric: false }, []);
const layers = [0, 1, 2, 3];

// Five rows of 8 numbers: 20 bytes a side at 4 bits, and a scale and a zero of 2 bytes for each; 80 bytes a side at 16.
test.each([
  [false, [0, 0, 5, 0]],
  [true, [5, 5, 0, 5]],
])('one layer is told apart; the others written: %j', (others, rows) => {
  const codec = only.make({ layer: 2, others }, [inner]);
  expect(layers.map((layer) => codec.pending(5, 'keys', shape(8, layer)))).toEqual(rows);
  expect(layers.map((layer) => codec.bytes(5, shape(8, layer)))).toEqual(
    rows.map((count) => (count ? { keys: 20, values: 20, metadata: 40 } : { keys: 80, values: 80, metadata: 0 })),
  );
  const given = gaussian(1, 40);
  expect(codec.encode(given, 'keys', shape(8, 2)).decode()).toEqual(inner.encode(given, 'keys', shape(8, 2)).decode());
});

test('a fork goes on with what was learned', () => {
  const codec = only.make({ layer: 1, others: false }, [qvg.make({ bits: 2, centroids: 4, stages: 1, group: 64 }, [])]);
  const [rows, later] = [gaussian(2, 40 * 8), gaussian(3, 5 * 8)];
  codec.encode(rows, 'keys', shape(8, 1));
  const fork = codec.fork!();
  expect(fork.encode(later, 'keys', shape(8, 1)).decode()).toEqual(codec.encode(later, 'keys', shape(8, 1)).decode());
  expect(fork.pending(2, 'keys', shape(8, 1))).toBe(2);
  expect(fork.pending(2, 'keys', shape(8, 0))).toBe(0);
  expect(only.make({ layer: 1, others: false }, [inner]).fork).toBeUndefined();
});

test('as a lane says it: layer 0 on one grid of 3 bits, unless told otherwise', () => {
  const { spec, problems } = parseLane('only');
  expect([problems, printLane(spec)]).toEqual([[], 'only(per-tensor(bits=3))']);
  const { codec } = makePlan(spec);
  expect(layers.map((layer) => codec!.pending(7, 'values', shape(8, layer)))).toEqual([7, 0, 0, 0]);
});
