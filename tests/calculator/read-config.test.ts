import { describe, expect, test } from 'vitest';
import { models } from '../../src/calculator/models.ts';
import { parseConfig, readConfig } from '../../src/calculator/read-config.ts';
import { Refusal } from '../../src/calculator/types.ts';

const llama = {
  model_type: 'llama',
  num_hidden_layers: 2,
  hidden_size: 64,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};
const refused = (config: unknown) => {
  try {
    readConfig(config);
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  return 'it was read';
};

test('a config.json is read', () => {
  expect(readConfig(llama)).toMatchObject({
    architecture: { name: 'multi-head' },
    parts: [{ kind: 'heads', layers: 2, kvHeads: 2, keys: 16, values: 16 }],
    // 2 × 2 layers × 2 heads × 16
    oneFormula: 128,
    positions: undefined,
  });
});

test('a model of text and pictures has its text part read', () => {
  expect(
    readConfig({ model_type: 'any', vision_config: { num_hidden_layers: 27 }, text_config: llama }).parts[0]!.layers,
  ).toBe(2);
});

test('what was read is enough to read it again', () => {
  for (const { excerpt, parts, oneFormula, positions } of models)
    expect(parseConfig(JSON.stringify(excerpt))).toMatchObject({ parts, oneFormula, positions });
});

test('Infinity and NaN, which Python writes into JSON, are no reason to refuse', () => {
  expect(
    parseConfig(`{"time_step_limit": [0.0, Infinity], "x": NaN, ${JSON.stringify(llama).slice(1)}`).parts,
  ).toHaveLength(1);
});

describe('nothing is guessed', () => {
  test.for([
    ['no object', [llama], 'A config.json is an object in braces.'],
    ['no type', { ...llama, model_type: undefined }, 'model_type must be a text'],
    ['an unknown type', { ...llama, model_type: 'deepseek_v4' }, 'model_type "deepseek_v4" is not known here'],
    ['a missing number', { ...llama, num_hidden_layers: undefined }, 'num_hidden_layers is missing'],
    ['a fraction', { ...llama, num_hidden_layers: 2.5 }, 'must be a whole number'],
    ['a huge number', { ...llama, num_hidden_layers: 1e12 }, 'must be a whole number'],
    ['a text for a number', { ...llama, num_key_value_heads: '2' }, 'must be a whole number'],
    ['heads that do not divide', { ...llama, hidden_size: 66 }, 'is no multiple of 4'],
    [
      'a window that is on',
      { ...llama, model_type: 'qwen2', use_sliding_window: true, sliding_window: 8 },
      'use_sliding_window is on',
    ],
    [
      'unknown fields that tell',
      { ...llama, kv_compress_ratio: 4, attn_window: 8 },
      'kv_compress_ratio, attn_window may change what is kept, and are not',
    ],
    [
      'a layer of an unknown kind',
      { ...llama, model_type: 'gpt_oss', sliding_window: 8, layer_types: ['full_attention', 'odd'] },
      'layer_types has "odd"',
    ],
    [
      'a list that is too short',
      { ...llama, model_type: 'gpt_oss', sliding_window: 8, layer_types: ['full_attention'] },
      '1 entries for 2 layers',
    ],
    [
      'an indexer that skips layers',
      { ...models.find(({ id }) => id === 'glm-5')!.excerpt, index_topk_freq: 4 },
      'index_topk_freq may change',
    ],
    [
      'linear attention among MiniMax’s layers',
      { ...llama, model_type: 'minimax_m2', attn_type_list: [1, 0] },
      'attn_type_list has 0',
    ],
  ] as const)('%s', ([, config, why]) => {
    expect(refused(config)).toContain(why);
  });

  test('fields that hold nothing, and fields that tell nothing, are passed over', () => {
    expect(
      refused({
        ...llama,
        sliding_window: null,
        attn_window: 0,
        kv_scheme: {},
        attention_bias: true,
        num_local_experts: 8,
      }),
    ).toBe('it was read');
  });

  test('text that is not JSON', () => {
    expect(() => parseConfig('{')).toThrow('This is not JSON.');
  });
});
