import { describe, expect, test } from 'vitest';
import { inPanels } from '../../../src/engine/kernels/panels.ts';
import { plain } from '../../../src/engine/kernels/plain.ts';
import { readConfig } from '../../../src/engine/model/config.ts';
import { Model } from '../../../src/engine/model/model.ts';
import { readSafetensors, writeSafetensors } from '../../../src/engine/model/safetensors.ts';
import { readWeights } from '../../../src/engine/model/weights.ts';
import { config, file } from '../harbour.ts';

describe('config.json', () => {
  const read = (changed: Record<string, unknown>) => readConfig('x', { ...file.config, ...changed });

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
      bos: 1,
      stop: 341,
    });
  });

  test.each([
    [
      'num_hidden_layers',
      undefined,
      'config.json of x: num_hidden_layers must be a whole number of at least 1, found undefined.',
    ],
    ['num_hidden_layers', 3.5, 'num_hidden_layers must be a whole number of at least 1, found 3.5.'],
    ['num_hidden_layers', 0, 'num_hidden_layers must be a whole number of at least 1, found 0.'],
    ['hidden_size', '128', 'hidden_size must be a whole number of at least 1, found "128".'],
    ['hidden_size', 126, 'hidden_size must be a multiple of 4, found 126.'],
    ['intermediate_size', 2 ** 60, 'intermediate_size must be a whole number'],
    ['intermediate_size', 383, 'intermediate_size must be a multiple of 4, found 383.'],
    ['vocab_size', -1, 'vocab_size must be a whole number of at least 1, found -1.'],
    ['head_dim', null, 'head_dim must be a whole number of at least 1, found null.'],
    ['head_dim', 31, 'head_dim must be a multiple of 4, found 31.'],
    // Even, so that its pairs could be turned, but not a whole number of vectors.
    ['head_dim', 30, 'head_dim must be a multiple of 4, found 30.'],
    ['num_attention_heads', NaN, 'num_attention_heads must be a whole number of at least 1, found null.'],
    ['num_key_value_heads', 3, '8 query heads do not divide into 3 KV heads.'],
    ['num_key_value_heads', 16, '8 query heads do not divide into 16 KV heads.'],
    ['rope_theta', 0, 'rope_theta must be a positive number, found 0.'],
    ['rope_theta', Infinity, 'rope_theta must be a positive number, found null.'],
    ['rms_norm_eps', NaN, 'rms_norm_eps must be a positive number, found null.'],
    ['rms_norm_eps', -1e-5, 'rms_norm_eps must be a positive number, found -0.00001.'],
    ['bos_token_id', -1, 'bos_token_id must be a whole number of at least 0, found -1.'],
    ['bos_token_id', 575, 'bos_token_id is 575, and there are 575 tokens.'],
    ['eos_token_id', [1, 2], 'eos_token_id must be a whole number of at least 0, found [1,2].'],
    ['eos_token_id', 128001, 'eos_token_id is 128001, and there are 575 tokens.'],
  ])('%s %j is refused by name', (key, value, message) => {
    expect(() => read({ [key]: value })).toThrow(message);
    expect(() => read({ [key]: value })).toThrow(/^config\.json of x: /);
  });

  test.each([
    ['model_type', 'mistral', 'model_type is "mistral", and only Llama models are computed.'],
    ['hidden_act', 'gelu', 'hidden_act is "gelu", and only SiLU is computed.'],
    ['tie_word_embeddings', false, 'tie_word_embeddings is false, and an output matrix of its own is not computed.'],
    // Where it is missing, Hugging Face takes it to be false.
    ['tie_word_embeddings', undefined, 'tie_word_embeddings is undefined, and an output matrix of its own is not'],
    ['attention_bias', true, 'attention_bias is true, and biases are not computed.'],
    ['mlp_bias', true, 'mlp_bias is true, and biases are not computed.'],
    [
      'rope_scaling',
      { rope_type: 'llama3', factor: 8 },
      'rope_scaling is {"rope_type":"llama3","factor":8}, and scaled',
    ],
    ['rope_scaling', { type: 'linear', factor: 2 }, 'rope_scaling is {"type":"linear","factor":2}, and scaled RoPE is'],
    ['rope_parameters', { rope_type: 'yarn', rope_theta: 1e4 }, 'rope_parameters is {"rope_type":"yarn","rope_theta":'],
    ['rope_parameters', { rope_theta: 1e4, factor: 2 }, 'rope_parameters is {"rope_theta":10000,"factor":2}, and only'],
    ['partial_rotary_factor', 0.5, 'partial_rotary_factor is 0.5, and RoPE on a part of a head is not computed.'],
    ['sliding_window', 4096, 'sliding_window is 4096, and sliding windows are not computed.'],
  ])('%s %j is what the forward pass does not compute, and refused', (key, value, message) => {
    expect(() => read({ [key]: value })).toThrow(message);
  });

  test.each([
    'hidden_size',
    'intermediate_size',
    'num_hidden_layers',
    'num_attention_heads',
    'num_key_value_heads',
    'head_dim',
    'vocab_size',
    'rope_theta',
    'rms_norm_eps',
    'bos_token_id',
    'eos_token_id',
  ])('%s must be there', (key) => {
    const { [key]: _, ...rest } = file.config;
    expect(() => readConfig('x', rest)).toThrow(`config.json of x: ${key} must be a`);
  });

  test('what changes nothing may be there, or be missing', () => {
    const {
      model_type: _,
      hidden_act: __,
      attention_bias: ___,
      mlp_bias: ____,
      rope_scaling: _____,
      ...less
    } = file.config;
    expect(readConfig('harbour', less)).toEqual(config);
    const more = { sliding_window: null, partial_rotary_factor: 1, attention_dropout: 0.1, max_position_embeddings: 8 };
    expect(readConfig('harbour', { ...file.config, ...more })).toEqual(config);
  });

  test('the worth of heads may be there, one number for each', () => {
    const grid = Array.from({ length: config.layers }, (_, layer) =>
      Array.from({ length: config.kvHeads }, () => layer),
    );
    expect(readConfig('x', { ...file.config, head_worth: grid }).worth).toEqual(grid.flat());
    const wrong = [3, [], grid.slice(1), [[1], ...grid.slice(1)], grid.map((row) => row.map(() => -1)), [grid.flat()]];
    for (const head_worth of wrong) {
      expect(() => readConfig('x', { ...file.config, head_worth })).toThrow(
        'config.json of x: head_worth must be 4 lists of 4',
      );
    }
  });

  test('the base of RoPE may stand where newer files have it, which counts if both say one', () => {
    const { rope_theta: _, ...rest } = file.config;
    const newer = (rope_parameters: unknown) => ({ ...rest, rope_parameters });
    expect(readConfig('x', newer({ rope_type: 'default', rope_theta: 5000 })).ropeTheta).toBe(5000);
    expect(readConfig('x', { ...file.config, rope_parameters: { rope_theta: 5000 } }).ropeTheta).toBe(5000);
    expect(() => readConfig('x', newer({ rope_type: 'default' }))).toThrow('rope_theta must be a positive number');
  });
});

describe('weights', () => {
  const { tensors } = readSafetensors(file.weights);
  const without = (name: string) => writeSafetensors(new Map([...tensors].filter(([key]) => key !== name)));
  const read = (weights: Uint8Array, changed = config) => readWeights(changed, weights, plain().heap);

  test('are copied tensor by tensor, each to its own place', () => {
    const { heap } = plain();
    const { embedding, layers, norm } = readWeights(config, file.weights, heap);
    const expectThere = (address: number, name: string) => {
      const { data, shape } = tensors.get(name)!;
      // Matrices are packed, and vectors lie as they are.
      const inDim = shape[1] ?? data.length;
      const at = (i: number) => (shape[1] ? inPanels(Math.floor(i / inDim), i % inDim, inDim) : i);
      expect(data.map((_, i) => heap.f32[address + at(i)]!)).toEqual(data);
    };
    expectThere(embedding, 'model.embed_tokens.weight');
    expectThere(norm, 'model.norm.weight');
    expect(layers).toHaveLength(4);
    const names = {
      inputNorm: 'input_layernorm',
      query: 'self_attn.q_proj',
      key: 'self_attn.k_proj',
      value: 'self_attn.v_proj',
      output: 'self_attn.o_proj',
      postNorm: 'post_attention_layernorm',
      gate: 'mlp.gate_proj',
      up: 'mlp.up_proj',
      down: 'mlp.down_proj',
    } as const;
    layers.forEach((layer, i) => {
      expect(Object.keys(layer).sort()).toEqual(Object.keys(names).sort());
      for (const [key, name] of Object.entries(names)) {
        expectThere(layer[key as keyof typeof names], `model.layers.${i}.${name}.weight`);
      }
    });
  });

  test.each(['model.embed_tokens.weight', 'model.layers.3.mlp.up_proj.weight', 'model.norm.weight'])(
    'a file without %s is refused',
    (name) => {
      expect(() => read(without(name))).toThrow(`The weights of harbour lack the tensor ${name}.`);
    },
  );

  test('so is a tensor of another shape than the config says, and layers that are not there', () => {
    expect(() => read(file.weights, { ...config, inner: 256 })).toThrow(
      'model.layers.0.mlp.gate_proj.weight of harbour has shape [384,128], expected [256,128].',
    );
    expect(() => read(file.weights, { ...config, kvHeads: 8 })).toThrow(
      'model.layers.0.self_attn.k_proj.weight of harbour has shape [128,128], expected [256,128].',
    );
    expect(() => read(file.weights, { ...config, layers: 5 })).toThrow(
      'lack the tensor model.layers.4.input_layernorm.weight',
    );
  });

  // The same number of floats, lying the other way: only the shape tells.
  test('so is a matrix that was turned over', () => {
    const name = 'model.layers.1.mlp.down_proj.weight';
    const turned = new Map(tensors).set(name, { ...tensors.get(name)!, shape: [384, 128] });
    expect(() => read(writeSafetensors(turned))).toThrow(`${name} of harbour has shape [384,128], expected [128,384].`);
  });

  test.each([
    ['an output matrix', 'lm_head.weight'],
    ['a bias', 'model.layers.0.self_attn.q_proj.bias'],
    ['a norm of queries', 'model.layers.2.self_attn.q_norm.weight'],
    ['a layer that the config does not count', 'model.layers.4.input_layernorm.weight'],
  ])('so is %s, which the forward pass would not read', (_what, name) => {
    const more = new Map(tensors).set(name, { dtype: 'F32', shape: [4], data: new Float32Array(4) });
    expect(() => read(writeSafetensors(more))).toThrow(
      `The weights of harbour hold ${name}, which the forward pass would not read.`,
    );
  });

  test('fewer layers in the config than in the file are refused too', () => {
    expect(() => read(file.weights, { ...config, layers: 3 })).toThrow(
      /^The weights of harbour hold model\.layers\.3\..+, which the forward pass would not read\.$/,
    );
  });
});

describe('a model', () => {
  test('says which of its files is wrong', () => {
    const make = (changed: object) => () => new Model({ ...file, ...changed }, plain());
    expect(make({ config: {} })).toThrow('config.json of harbour: tie_word_embeddings is undefined');
    expect(make({ tokenizer: {} })).toThrow('tokenizer.json of harbour: only WordLevel tokenizers are read');
    expect(make({ weights: new Uint8Array(3) })).toThrow('Not a safetensors file that can be read');
  });

  // Ids that the weights have no row for could be typed; a few rows without a word, as some files have for alignment, do no harm.
  test('has no fewer tokens than its tokenizer has words', () => {
    const words = (count: number) => ({
      model: {
        type: 'WordLevel',
        vocab: Object.fromEntries(Array.from({ length: count }, (_, i) => [`w${i}`, i])),
        unk_token: 'w2',
      },
    });
    expect(() => new Model({ ...file, tokenizer: words(576) }, plain())).toThrow(
      'harbour has 575 tokens, and its tokenizer 576 words.',
    );
    expect(new Model({ ...file, tokenizer: words(570) }, plain()).vocabulary.words).toHaveLength(570);
  });
});
