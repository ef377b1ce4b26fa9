import { describe, expect, test } from 'vitest';
import { Engine, type Prepared } from '../../src/engine/engine.ts';
import { kernels as fastest } from '../../src/engine/kernels/index.ts';
import { plain } from '../../src/engine/kernels/plain.ts';
import type { Kernels } from '../../src/engine/kernels/types.ts';
import type { ModelFile } from '../../src/engine/model/model.ts';
import { writeSafetensors } from '../../src/engine/model/safetensors.ts';
import { seededPrompt, typedPrompt } from '../../src/engine/prompt.ts';
import { seeded } from '../../src/engine/random.ts';
import { every, facts, range } from './facts.ts';
import { compare, file, largestDifference, specsOf } from './harbour.ts';

/** Other numbers wherever harbour has one: 3 layers, 6 query heads on 2 KV heads, heads of 20 numbers, 30 free words and few of its own. */
const words = ['<pad>', '<unk>', '<bos>', ...range(30).map((i) => `<w${i}>`), '.', ',', '?', ':', 'the', 'is', 'mill'];
const shapes = { hidden: 28, layers: 3, heads: 6, kvHeads: 2, headDim: 20, inner: 36 };
const vocabularySize = words.length + 3;

function randomModel(seed: number): ModelFile {
  const { hidden, layers, heads, kvHeads, headDim, inner } = shapes;
  const random = seeded(seed);
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
  const add = (name: string, shape: number[], number: () => number) => {
    const size = shape.reduce((a, b) => a * b, 1);
    tensors.set(`model.${name}.weight`, { shape, data: Float32Array.from({ length: size }, number) });
  };
  const matrix = (name: string, rows: number, columns: number) =>
    add(name, [rows, columns], () => (2 * random() - 1) * (3 / columns) ** 0.5 * 1.5);
  const norm = (name: string) => add(name, [hidden], () => 0.5 + random());
  matrix('embed_tokens', vocabularySize, hidden);
  for (const layer of range(layers).map((i) => `layers.${i}`)) {
    norm(`${layer}.input_layernorm`);
    matrix(`${layer}.self_attn.q_proj`, heads * headDim, hidden);
    matrix(`${layer}.self_attn.k_proj`, kvHeads * headDim, hidden);
    matrix(`${layer}.self_attn.v_proj`, kvHeads * headDim, hidden);
    matrix(`${layer}.self_attn.o_proj`, hidden, heads * headDim);
    norm(`${layer}.post_attention_layernorm`);
    matrix(`${layer}.mlp.gate_proj`, inner, hidden);
    matrix(`${layer}.mlp.up_proj`, inner, hidden);
    matrix(`${layer}.mlp.down_proj`, hidden, inner);
  }
  norm('norm');
  return {
    id: 'random',
    config: {
      model_type: 'llama',
      vocab_size: vocabularySize,
      hidden_size: hidden,
      intermediate_size: inner,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: kvHeads,
      head_dim: headDim,
      hidden_act: 'silu',
      rms_norm_eps: 1e-6,
      rope_theta: 500,
      tie_word_embeddings: true,
      bos_token_id: 2,
      eos_token_id: words.indexOf('.'),
    },
    tokenizer: { model: { type: 'WordLevel', vocab: Object.fromEntries(words.map((word, id) => [word, id])) } },
    weights: writeSafetensors(tensors),
  };
}

const lanes = [
  'full',
  'h2o',
  'adakv(snapkv)+every(n=4)+merge',
  'tova+compact+rerotate',
  'kivi(bits=4,group=8,residual=8)',
  'quest(top=2,dense=1)',
  'pyramid(knorm,beta=4)+per-layer(kivi(bits=8),kivi(bits=4,group=10,residual=10),first=1)',
];

/** What one model says of its own text: drawn for harbour, typed for the other, whose words nobody writes texts of. */
const prepare = (engine: Engine, seed: number): Prepared => {
  const { vocabulary } = engine.model;
  const text = range(seed + 18, seed)
    .map((i) => `the mill w${(i * 7) % 23} is w${(i * 5) % 19} .`)
    .join(' ');
  return engine.prepare(
    engine.model.id === 'random'
      ? typedPrompt(vocabulary, text, 'the mill is w3 ?', seed % 2 ? 'later' : 'visible')
      : seededPrompt(vocabulary, seed, { length: 128, turns: 2 }, 0, seed % 2 ? 'later' : 'visible'),
  );
};

const said = (engine: Engine, seed: number, keep: number) => {
  const prepared = prepare(engine, seed);
  const runs = compare(engine, prepared, lanes, keep).map(facts);
  engine.release(prepared);
  return runs;
};

const random = randomModel(1);
const pair = (kernels: Kernels) => [file, random].map((each) => new Engine(each, kernels));

describe('a second model of other shapes', () => {
  test('is what its files say', () => {
    const { model } = new Engine(random, fastest());
    expect(model.config).toMatchObject({ ...shapes, vocabulary: vocabularySize, ropeTheta: 500, bos: 2 });
    expect(model.vocabulary.free).toHaveLength(30);
  });

  test('answers beside harbour on the same kernels, and both say what they say alone', () => {
    const alone = [file, random].map((each) => [1, 2].map((seed) => said(new Engine(each, fastest()), seed, 0.3)));
    const engines = pair(fastest());
    expect(engines[0]!.model.kernels).toBe(engines[1]!.model.kernels);
    for (const seed of [1, 2]) {
      for (const [i, engine] of engines.entries()) expect(said(engine, seed, 0.3)).toEqual(alone[i]![seed - 1]);
    }
    // The other one first, and both in memory at once, each asked while the other has begun.
    const [harbour, other] = [engines[0]!, engines[1]!];
    const [theirs, ours] = [prepare(other, 2), prepare(harbour, 1)];
    const started = other.start(theirs, specsOf(...lanes), 0.3);
    expect(compare(harbour, ours, lanes, 0.3).map(facts)).toEqual(alone[0]![0]);
    expect(started.finish().map(facts)).toEqual(alone[1]![1]);
    harbour.release(ours);
    expect(compare(other, theirs, lanes, 0.3).map(facts)).toEqual(alone[1]![1]);
    other.release(theirs);
  });

  // A head of 20 numbers takes 80 bytes a token; there are 3 * 2 of them.
  test('keeps to its own budget and counts its own bytes', () => {
    const engine = new Engine(random, fastest());
    const prepared = prepare(engine, 1);
    const seq = prepared.prompt.compressedAt;
    for (const run of compare(engine, prepared, lanes, 0.3)) {
      expect(run.kept.map((layer) => layer.length)).toEqual(every(3, 2));
      expect(run.bytes.full).toBe(6 * 80 * seq);
      expect(run.bytes.live <= 0.3 * run.bytes.full).toBe(run.budget.fits);
      expect(run.steps.every(({ logits }) => logits.length === vocabularySize && logits.every(Number.isFinite))).toBe(
        true,
      );
    }
    expect(compare(engine, prepared, ['h2o'], 0.3)[0]!.bytes.live).toBe(6 * 80 * Math.trunc(seq * 0.3));
  });

  test('gives nearly the same logits on the plain kernels', () => {
    const [simd, slow] = [fastest(), plain()].map((kernels) => {
      const engine = new Engine(random, kernels);
      return prepare(engine, 1).full.answers.flatMap((steps) => steps.map(({ logits }) => logits));
    });
    expect(simd!.length).toBeGreaterThan(0);
    simd!.forEach((logits, step) => {
      expect(largestDifference(logits, slow![step]!)).toBeLessThan(1e-3);
      expect(Math.max(...logits) - Math.min(...logits)).toBeGreaterThan(1);
    });
  });
});
