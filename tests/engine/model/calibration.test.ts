import { describe, expect, test } from 'vitest';
import { Calibration, calibrationTensors } from '../../../src/engine/model/calibration.ts';
import { calibrate } from '../../../src/engine/measure/calibrate.ts';
import { evictionError } from '../../../src/engine/measure/eviction-error.ts';
import { QueryCenters } from '../../../src/engine/measure/query-centers.ts';
import { KVCache } from '../../../src/engine/cache/kv-cache.ts';
import { Model } from '../../../src/engine/model/model.ts';
import { QueryLog } from '../../../src/engine/model/query-log.ts';
import { plain } from '../../../src/engine/kernels/plain.ts';
import { Rope } from '../../../src/engine/model/rope.ts';
import { writeSafetensors } from '../../../src/engine/model/safetensors.ts';
import { config, file, shortPrompt } from '../harbour.ts';

const tiny = { ...config, layers: 1, heads: 2, kvHeads: 1, headDim: 2 };
const tensor = (shape: number[], ...data: number[]) => ({ shape, data: Float32Array.from(data) });
const measured = {
  query_centers: tensor([2, 2], 1, 2, 3, 4),
  query_norms: tensor([2, 1], 5, 6),
  eviction_error: tensor([1], 0.5),
};

describe('a file beside the model', () => {
  test('says of each layer what was measured', () => {
    const calibration = new Calibration(tiny, writeSafetensors(calibrationTensors([measured])));
    expect([...calibration.of(0, 'query_centers').data]).toEqual([1, 2, 3, 4]);
    expect([...calibration.of(0, 'query_norms').data]).toEqual([5, 6]);
  });

  test('is not needed, until a rule asks', () => {
    const none = new Calibration(tiny, undefined);
    expect(() => none.of(0, 'query_centers')).toThrow(
      'This model has no query_centers, which "npm run calibrate" measures.',
    );
  });

  test('of another model is refused', () => {
    const bytes = writeSafetensors(calibrationTensors([measured]));
    expect(() => new Calibration({ ...tiny, heads: 4 }, bytes)).toThrow(
      'query_centers of harbour has shape [2,2], expected [4,2]: calibrate it anew.',
    );
  });
});

// Two tokens whose queries were (3, 4) and (-1, 0) before they were turned: (1, 2) on average, and lengths of 5 and 1.
test('query centers undo the rotation', () => {
  const rope = new Rope(2, config.ropeTheta);
  const centers = new QueryCenters({ ...tiny, heads: 1 });
  [Float32Array.of(3, 4), Float32Array.of(-1, 0)].forEach((query, i) => {
    rope.rotate(query, 0, 1, 7 + i);
    centers.add([query], 7 + i);
  });
  const { query_centers, query_norms } = centers.of(0);
  expect(query_centers.data[0]).toBeCloseTo(1, 6);
  expect(query_centers.data[1]).toBeCloseTo(2, 6);
  expect([...query_norms.data]).toEqual([3]);
});

describe('on the model', () => {
  const model = new Model(file, plain());

  test('nothing is lost where everything is kept, and more where less is', () => {
    const { layers, kvHeads } = config;
    const cache = new KVCache(model.store);
    const queries = new QueryLog(config, model.kernels.heap);
    const tokens = shortPrompt(3).tokens.slice(0, 40);
    cache.append(tokens.length);
    queries.reserve(tokens.length);
    model.forward([{ cache, tokens, queries }]);
    const first = (count: number) =>
      Array.from({ length: kvHeads }, () => Int32Array.from({ length: count }, (_, i) => i));
    for (let layer = 0; layer < layers; layer++) {
      expect(evictionError(model, cache, queries, layer, first(30), 30)).toBeCloseTo(0, 6);
      expect(evictionError(model, cache, queries, layer, first(2), 30)).toBeGreaterThan(1e-3);
    }
  });

  test('one text gives all there is to know, of the right shapes', () => {
    const layers = calibrate(model, [shortPrompt(5)], 8);
    expect(layers).toHaveLength(config.layers);
    const calibration = new Calibration(config, writeSafetensors(calibrationTensors(layers)));
    let errors = 0;
    for (let layer = 0; layer < config.layers; layer++) {
      errors += calibration.of(layer, 'eviction_error').data[0]!;
      const centers = calibration.of(layer, 'query_centers').data;
      calibration.of(layer, 'query_norms').data.forEach((norm, at) => {
        const head = Math.floor(at / (config.headDim / 2));
        const f = head * config.headDim + (at % (config.headDim / 2));
        // The mean of numbers is no longer than their mean length.
        expect(Math.hypot(centers[f]!, centers[f + config.headDim / 2]!)).toBeLessThanOrEqual(norm * (1 + 1e-6));
      });
    }
    expect(errors).toBeCloseTo(1, 5);
  });
});
