import { expect, test } from 'vitest';
import { similarity } from '../../../src/engine/measure/gate.ts';

const [right, up] = [Float32Array.of(2, 0), Float32Array.of(0, 3)];

// Two layers with alpha = 1.5: weights e^0.75 and e^1.5, in shares 1 / (1 + e^0.75) = 0.3208 and 0.6792.
test('later layers count more, and lengths do not', () => {
  expect(similarity([right, up], [right.map((x) => 7 * x), up])).toBeCloseTo(1, 12);
  expect(similarity([right, up], [right, right])).toBeCloseTo(0.3208, 4);
  expect(similarity([right, up], [up, up])).toBeCloseTo(0.6792, 4);
  expect(similarity([right, up], [up, up], 0)).toBeCloseTo(0.5, 12);
  expect(similarity([right], [right.map((x) => -x)])).toBeCloseTo(-1, 12);
});
