import { describe, expect, test } from 'vitest';
import { Calibration } from '../../../src/engine/model/calibration.ts';
import { writeSafetensors } from '../../../src/engine/model/safetensors.ts';
import { config } from '../harbour.ts';

const tiny = { ...config, layers: 2, kvHeads: 1 };
const file = writeSafetensors(new Map([['q_filters', { shape: [2, 1, 2], data: Float32Array.of(1, 2, 3, 4) }]]));

describe('what was learned from a model', () => {
  test('is told layer by layer', () => {
    const calibration = new Calibration(tiny, file);
    expect([0, 1].map((layer) => [...calibration.of('q_filters', layer)])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('is not needed, until a rule asks', () => {
    const none = new Calibration(tiny, undefined);
    expect(() => none.of('q_filters', 0)).toThrow('No q_filters were learned from harbour.');
  });

  test('of another model is refused', () => {
    expect(() => new Calibration({ ...tiny, layers: 3 }, file)).toThrow(
      'q_filters, learned from harbour, has shape [2,1,2], expected [3, 1, ...].',
    );
  });
});
