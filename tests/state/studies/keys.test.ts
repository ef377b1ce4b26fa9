import { describe, expect, test } from 'vitest';
import * as study from '../../../src/state/studies/keys.ts';
import { keyCodecs, keysView, packRows, unpackRows, writeKeys } from '../../../src/state/studies/keys.ts';
import { studyLink } from '../../../src/state/study.ts';
import { headRows } from '../../../src/engine/measure/head-rows.ts';
import { engineOf } from '../../engine/harbour.ts';

const keysLink = studyLink(study);

const at = { layer: 0, layers: 4, kvHead: 0, headDim: 32 };

/** 128 tokens of 32 channels; channel 3 is ten times as large as the others, in every token. */
const outlier = Float32Array.from({ length: 128 * 32 }, (_, i) => Math.sin(i * 1.7) + (i % 32 === 3 ? 10 : 0));
const rows = { cached: outlier, 'before-rope': outlier.map((x) => -x) };

describe('the link of the figure of keys', () => {
  test('names all that decides the picture, and is read as it was written', () => {
    const query = keysLink.write(keysView);
    expect(query).toBe('v=1&seed=7&layer=3&head=1&keys=cached&codec=per-channel&bits=2');
    expect(keysLink.read(query, keysView)).toEqual({ view: keysView, problems: [] });
  });

  test('is repaired, and that is said', () => {
    const { view, problems } = keysLink.read('v=1&layer=9&codec=zip', keysView);
    expect(view).toEqual(keysView);
    expect(problems[0]).toBe('layer: 9 became 3.');
    expect(problems[1]).toContain('codec must be per-channel or per-token');
  });
});

describe('keys that are written', () => {
  test('a channel that is large everywhere costs a grid by token more than one by channel, at the same 3 bits', () => {
    const [channel, token] = (['per-channel', 'per-token'] as const).map((codec) =>
      writeKeys(rows, { ...keysView, codec }, at),
    );
    expect([channel!.bitsPerNumber, token!.bitsPerNumber]).toEqual([3, 3]);
    expect(token!.error.relative).toBeGreaterThan(2 * channel!.error.relative);
    expect(channel!.spec).toBe('per-channel(bits=2,group=32)');
  });

  test('the basis is the one that was chosen, unless the codec has a wish of its own', () => {
    const basis = (codec: 'kivi' | 'kvquant', keys: 'cached' | 'before-rope') =>
      writeKeys(rows, { codec, bits: 2, keys }, at).basis;
    expect(basis('kivi', 'cached')).toBe('cached');
    expect(basis('kivi', 'before-rope')).toBe('before-rope');
    expect(basis('kvquant', 'cached')).toBe('before-rope');
  });

  test.each(keyCodecs)('%s reads back something finite and not far off, with more bits nothing worse', (codec) => {
    const error = (bits: number) => writeKeys(rows, { codec, bits, keys: 'cached' }, at).error.relative;
    expect(error(2)).toBeLessThan(1);
    expect(error(8)).toBeLessThanOrEqual(error(2));
  });
});

test('rows come back from a page as they were written', () => {
  const rows = Float32Array.of(1.23456, -0.0004, 11.5);
  expect(packRows(rows)).toBe('1.235 0 11.5');
  expect(unpackRows(packRows(rows))).toEqual(Float32Array.of(1.235, 0, 11.5));
});

test('the study reads the text of the seed, takes one head of it, and says what every codec makes of that', () => {
  const engine = engineOf();
  const view = { ...keysView, seed: 5, layer: 2, head: 3 };
  const [found] = study.run(engine, view);
  expect(found!.given).toBe(packRows(headRows(engine.model, 5, study.keyTokens).keys[2 * 4 + 3]!));
  expect(found!.all.map(({ spec }) => spec.split('(')[0])).toEqual([...keyCodecs]);
  expect(found!.all[0]).toEqual({
    spec: found!.spec,
    basis: found!.basis,
    bitsPerNumber: found!.bitsPerNumber,
    error: found!.error,
  });
  const [given, decoded] = [unpackRows(found!.given), unpackRows(found!.decoded)];
  const power = (rows: Float32Array) => Math.sqrt(rows.reduce((sum, x) => sum + x * x, 0));
  expect(power(given.map((x, i) => x - decoded[i]!)) / power(given)).toBeCloseTo(found!.error, 2);
});
