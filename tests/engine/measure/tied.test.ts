import { expect, test } from 'vitest';
import { beforeRope, headRows } from '../../../src/engine/measure/head-rows.ts';
import { explained, mapped } from '../../../src/engine/measure/linear-map.ts';
import { fitMaps, placeOf, withoutValues } from '../../../src/engine/measure/tied.ts';
import { seededPrompt } from '../../../src/engine/prompt.ts';
import { engineOf } from '../harbour.ts';

const engine = engineOf();
const { headDim, layers, kvHeads } = engine.model.config;
const texts = [headRows(engine.model, 31, 96), headRows(engine.model, 32, 96)];
const heads = [...texts[0]!.keys.keys()];

test('a text is read into keys and values of every head, and gives its memory back', () => {
  const { free } = engine.model.store.pool;
  const [text] = texts;
  expect([text!.keys.length, text!.values.length]).toEqual([layers * kvHeads, layers * kvHeads]);
  for (const rows of [...text!.keys, ...text!.values]) expect(rows.length).toBe(96 * headDim);
  expect(headRows(engine.model, 31, 96)).toEqual(text);
  expect(engine.model.store.pool.free).toBe(free);
});

test('keys are turned back by their positions: the first stays, and all keep their length', () => {
  const keys = texts[0]!.keys[0]!;
  const turned = beforeRope(keys, headDim, engine.model.store.rope);
  expect(turned.subarray(0, headDim)).toEqual(keys.subarray(0, headDim));
  const length = (rows: Float32Array, token: number) =>
    Math.hypot(...rows.subarray(token * headDim, (token + 1) * headDim));
  for (const token of [1, 40, 95]) expect(length(turned, token)).toBeCloseTo(length(keys, token), 3);
});

test('a map explains more of the values before RoPE than after it, on the texts that it was fitted on', () => {
  const share = (basis: 'before-rope' | 'cached', head: number) => {
    const [map] = [fitMaps([texts[0]!], basis, placeOf(engine))[head]!];
    const keys = texts[0]!.keys[head]!;
    const given = basis === 'cached' ? keys : beforeRope(keys, headDim, engine.model.store.rope);
    return explained(texts[0]!.values[head]!, mapped(given, map, headDim), headDim);
  };
  for (const head of [0, 7, 13]) expect(share('before-rope', head)).toBeGreaterThan(share('cached', head));
});

test('with no head replaced nothing strays; with all of them by zeros, far; and the cache of the prompt is left alone', () => {
  const kinds = ['code'] as const;
  const prepared = engine.prepare(seededPrompt(engine.model.vocabulary, 5, { length: 96, kinds }, 0, 'later'));
  const before = prepared.views[3]!.values(1);
  const nothing = heads.map(() => new Float64Array(headDim * headDim));
  const without = (some: readonly number[]) => withoutValues(engine, prepared, nothing, 'cached', some);
  expect(without([])).toBe(0);
  expect(without(heads)).toBeGreaterThan(without([0]));
  expect(without(heads)).toBeGreaterThan(1);
  expect(prepared.views[3]!.values(1)).toEqual(before);
  engine.release(prepared);
});
