import { describe, expect, test } from 'vitest';
import { plain } from '../../../src/engine/kernels/plain.ts';
import { readConfig } from '../../../src/engine/model/config.ts';
import { readSafetensors, writeSafetensors } from '../../../src/engine/model/safetensors.ts';
import { readWeights } from '../../../src/engine/model/weights.ts';
import { config, json, weights } from '../harbour.ts';

describe('config.json', () => {
  test('the shipped one', () => {
    expect(config).toEqual({
      id: 'harbour',
      hidden: 128,
      layers: 4,
      heads: 8,
      kvHeads: 4,
      headDim: 32,
      inner: 384,
      vocabulary: 575,
      ropeTheta: 10000,
      eps: 1e-5,
    });
  });

  test.each([
    ['num_hidden_layers', undefined, 'config.json of x: num_hidden_layers must be a positive number, found undefined.'],
    ['hidden_size', '128', 'hidden_size must be a positive number, found "128"'],
    ['rope_theta', 0, 'rope_theta must be a positive number, found 0'],
    ['vocab_size', -1, 'vocab_size must be a positive number, found -1'],
    ['rms_norm_eps', NaN, 'rms_norm_eps must be a positive number, found null'],
    ['head_dim', null, 'head_dim must be a positive number, found null'],
    ['num_key_value_heads', 3, '8 query heads do not divide into 3 KV heads'],
  ])('%s %s is refused by name', (key, value, message) => {
    expect(() => readConfig('x', { ...json, [key]: value })).toThrow(message);
  });
});

describe('weights', () => {
  const { tensors } = readSafetensors(weights);
  const without = (name: string) => writeSafetensors(new Map([...tensors].filter(([key]) => key !== name)));
  const read = (file: Uint8Array, changed = config) => readWeights(changed, file, plain());

  test('are copied tensor by tensor', () => {
    const { embedding, layers, norm } = read(weights);
    expect(embedding).toEqual(tensors.get('model.embed_tokens.weight')!.data);
    expect(norm).toEqual(tensors.get('model.norm.weight')!.data);
    expect(layers).toHaveLength(4);
    expect(layers.map(({ down }) => down)).toEqual(
      [0, 1, 2, 3].map((i) => tensors.get(`model.layers.${i}.mlp.down_proj.weight`)!.data),
    );
    expect(layers[2]!.key).toEqual(tensors.get('model.layers.2.self_attn.k_proj.weight')!.data);
  });

  test.each(['model.embed_tokens.weight', 'model.layers.3.mlp.up_proj.weight', 'model.norm.weight'])(
    'a file without %s is refused',
    (name) => {
      expect(() => read(without(name))).toThrow(`The weights of harbour lack the tensor ${name}.`);
    },
  );

  test('so is a tensor of another shape than the config says, and layers that are not there', () => {
    expect(() => read(weights, { ...config, inner: 256 })).toThrow(
      'model.layers.0.mlp.gate_proj.weight of harbour has shape [384,128], expected [256,128].',
    );
    expect(() => read(weights, { ...config, kvHeads: 8 })).toThrow(
      'model.layers.0.self_attn.k_proj.weight of harbour has shape [128,128], expected [256,128].',
    );
    expect(() => read(weights, { ...config, layers: 5 })).toThrow(
      'lack the tensor model.layers.4.input_layernorm.weight',
    );
  });
});
