import { describe, expect, test } from 'vitest';
import { knorm } from '../../../src/engine/eviction/knorm.ts';
import { random } from '../../../src/engine/eviction/random.ts';
import { snapkv } from '../../../src/engine/eviction/snapkv.ts';
import { missingTensors } from '../../../src/engine/eviction/trace.ts';
import { layerOf, randomTensors, type Nested } from './layers.ts';

/** Zeros of a shape. */
const zeros = (...[size = 0, ...rest]: number[]): Nested =>
  Array.from({ length: size }, () => (rest.length > 0 ? zeros(...rest) : 0)) as Nested;

describe('traceLayer', () => {
  test('reads the sizes off the tensors', () => {
    const layer = layerOf({
      keys: zeros(2, 7, 4),
      queries: zeros(6, 3, 4),
      hidden_states: zeros(7, 5),
      output_projection: zeros(5, 24),
      inv_freq: zeros(2),
    });
    expect(layer).toMatchObject({ seq: 7, heads: 6, kvHeads: 2, headDim: 4, layer: 0, layers: 1 });
    expect(layer.counts).toEqual([7, 7]);
    expect([...layer.tokens(1)]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(layer.keys(1)).toEqual(new Float32Array(28));
    expect(layer.attentionSums(3).map(({ length }) => length)).toEqual(new Array(6).fill(7));
    expect(() => layer.values(1)).toThrow('The layer has no values.');
    expect(() => layer.futurePeaks()).toThrow('The layer has no future_attentions.');
  });

  test('gives each KV head its own rows', () => {
    const layer = layerOf({
      keys: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ],
      values: [
        [[1], [2]],
        [[3], [4]],
      ].map((head) => head.map(([x]) => [x!, -x!])),
    });
    expect([...layer.keys(0)]).toEqual([1, 2, 3, 4]);
    expect([...layer.keys(1)]).toEqual([5, 6, 7, 8]);
    expect([...layer.values(1)]).toEqual([3, -3, 4, -4]);
  });

  test('sums the attention of the last rows, and from queries and keys the same', () => {
    const tensors = randomTensors(6, { seq: 9, heads: 4, kvHeads: 2, headDim: 4 });
    const { attentions, keys, queries } = tensors;
    const [given, computed] = [layerOf({ attentions, keys }), layerOf({ queries, keys })];
    for (const rows of [1, 4, 9]) {
      const byHand = attentions.map((head) =>
        head[0]!.map((_, j) => head.slice(-rows).reduce((a, row) => a + row[j]!, 0)),
      );
      for (const view of [given, computed])
        view
          .attentionSums(rows)
          .forEach((row, head) => row.forEach((sum, j) => expect(sum).toBeCloseTo(byHand[head]![j]!, 5)));
    }
  });

  test('reads the metadata', () => {
    const layer = layerOf({ keys: zeros(1, 2, 4) }, { rope_theta: '10000', layer: '3', layers: '12' });
    expect(layer).toMatchObject({ layer: 3, layers: 12 });
    // 10000^0 and 10000^(-1/2)
    expect([...layer.rope.frequencies]).toEqual([1, Math.fround(0.01)]);
    expect([...layerOf({ keys: zeros(1, 2, 4), inv_freq: [0.5, 0.25] }).rope.frequencies]).toEqual([0.5, 0.25]);
  });

  test('with attentions alone, every head has its own keys unless the metadata says otherwise', () => {
    expect(layerOf({ attentions: zeros(4, 3, 3) })).toMatchObject({ seq: 3, heads: 4, kvHeads: 4, headDim: 0 });
    expect(layerOf({ attentions: zeros(4, 3, 3) }, { kv_heads: '2' })).toMatchObject({ heads: 4, kvHeads: 2 });
  });

  test('with keys alone, there are as many heads as KV heads, unless the output projection tells', () => {
    expect(layerOf({ keys: zeros(2, 3, 4) })).toMatchObject({ heads: 2, kvHeads: 2 });
    expect(layerOf({ keys: zeros(2, 3, 4), output_projection: zeros(5, 24) })).toMatchObject({ heads: 6, kvHeads: 2 });
  });

  test.each<[string, Parameters<typeof layerOf>[0], Record<string, string>?]>([
    ['keys must be [kv_heads, seq, head_dim], not [2, 3]', { keys: zeros(2, 3) }],
    ['keys must be [kv_heads, seq, head_dim], not [1, 2, 0]', { keys: [[[], []]] }],
    ['seq is 3 in keys, but 4 in values', { keys: zeros(2, 3, 4), values: zeros(2, 4, 4) }],
    ['head_dim is 4 in keys, but 2 in queries', { keys: zeros(2, 3, 4), queries: zeros(2, 3, 2) }],
    ['seq is 2 in attentions, but 3 in attentions', { attentions: zeros(1, 2, 3) }],
    ['heads is 4 in queries, but 2 in attentions', { queries: zeros(4, 1, 2), attentions: zeros(2, 3, 3) }],
    ['heads (3) is not a multiple of kv_heads (2)', { keys: zeros(2, 3, 4), queries: zeros(3, 3, 4) }],
    ['kv_heads is 4 in the metadata, but 2 in keys', { keys: zeros(2, 3, 4) }, { kv_heads: '4' }],
    ['queries of 4 positions and a cache of 3', { keys: zeros(2, 3, 4), queries: zeros(2, 4, 4) }],
    ['inv_freq has 3 numbers, and head_dim is 4', { keys: zeros(2, 3, 4), inv_freq: zeros(3) }],
    [
      'hidden is 5 in hidden_states, but 6 in output_projection',
      { hidden_states: zeros(3, 5), output_projection: zeros(6, 8) },
    ],
    [
      'output_projection has 9 columns, and heads * head_dim is 2 * 4',
      { keys: zeros(2, 3, 4), queries: zeros(2, 3, 4), output_projection: zeros(6, 9) },
    ],
    ['no tensor gives the number of tokens', { queries: zeros(2, 3, 4) }],
    ['no tensor gives the number of KV heads', { hidden_states: zeros(3, 4) }],
    ['no tensor gives the number of tokens', {}],
    ['metadata layer must be a whole number of at least 0, not "two"', { keys: zeros(1, 2, 2) }, { layer: 'two' }],
    [
      'metadata layers must be a whole number of at least 6, not "5"',
      { keys: zeros(1, 2, 2) },
      { layer: '5', layers: '5' },
    ],
    ['metadata rope_theta must be a number above 0, not "-1"', { keys: zeros(1, 2, 2) }, { rope_theta: '-1' }],
  ])('refuses: %s', (message, tensors, metadata = {}) => {
    expect(() => layerOf(tensors, metadata)).toThrow(message);
  });
});

describe('missingTensors', () => {
  const sentence = (rule: Parameters<typeof missingTensors>[0][number], ...given: string[]) =>
    missingTensors([rule], (name) => given.includes(name));

  test('of several rules, the first that lacks something is named', () => {
    const has = (...given: string[]) => missingTensors([random, knorm, snapkv], (name) => given.includes(name));
    expect(has()).toBe('knorm needs keys; missing: keys');
    expect(has('keys')).toBe('snapkv needs attentions, or queries and keys; missing: attentions, or queries');
    expect(has('keys', 'attentions')).toBeUndefined();
  });

  test('names the rule, its alternatives, and what each lacks', () => {
    expect(sentence(snapkv, 'keys')).toBe(
      'snapkv needs attentions, or queries and keys; missing: attentions, or queries',
    );
    expect(sentence(knorm)).toBe('knorm needs keys; missing: keys');
  });

  test('says nothing when one alternative is whole', () => {
    expect(sentence(snapkv, 'attentions')).toBeUndefined();
    expect(sentence(snapkv, 'keys', 'queries')).toBeUndefined();
    expect(sentence(random)).toBeUndefined();
  });
});
