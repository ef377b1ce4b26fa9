/** Models of any shape with random weights, and the forward pass written out: one number after the other, in double precision. */
import type { Config } from '../../../src/engine/model/config.ts';
import type { ModelFile } from '../../../src/engine/model/model.ts';
import { readSafetensors, writeSafetensors } from '../../../src/engine/model/safetensors.ts';
import { seeded } from '../../../src/engine/random.ts';

export type Shape = Omit<Config, 'id' | 'bos' | 'stop'>;

/** As its files would lie in a folder. */
export function randomModel(id: string, shape: Shape, seed: number): ModelFile {
  const { hidden, layers, heads, kvHeads, headDim, inner, vocabulary, ropeTheta, eps } = shape;
  const random = seeded(seed);
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
  /** Numbers around `middle`, of about unit size after a product with `inDim` numbers of unit size. */
  const add = (name: string, size: number[], inDim: number, middle = 0) => {
    const length = size.reduce((product, each) => product * each, 1);
    const width = Math.sqrt(3 / inDim);
    tensors.set(`model.${name}.weight`, {
      shape: size,
      data: Float32Array.from({ length }, () => middle + width * (2 * random() - 1)),
    });
  };
  add('embed_tokens', [vocabulary, hidden], 1);
  for (let i = 0; i < layers; i++) {
    add(`layers.${i}.input_layernorm`, [hidden], 12, 1);
    add(`layers.${i}.self_attn.q_proj`, [heads * headDim, hidden], hidden / 4);
    add(`layers.${i}.self_attn.k_proj`, [kvHeads * headDim, hidden], hidden / 4);
    add(`layers.${i}.self_attn.v_proj`, [kvHeads * headDim, hidden], hidden);
    add(`layers.${i}.self_attn.o_proj`, [hidden, heads * headDim], heads * headDim);
    add(`layers.${i}.post_attention_layernorm`, [hidden], 12, 1);
    add(`layers.${i}.mlp.gate_proj`, [inner, hidden], hidden);
    add(`layers.${i}.mlp.up_proj`, [inner, hidden], hidden);
    add(`layers.${i}.mlp.down_proj`, [hidden, inner], inner);
  }
  add('norm', [hidden], 12, 1);
  const words = ['<unk>', '<bos>', '.', ...Array.from({ length: vocabulary - 3 }, (_, i) => `w${i}`)];
  return {
    id,
    config: {
      model_type: 'llama',
      hidden_size: hidden,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: kvHeads,
      head_dim: headDim,
      intermediate_size: inner,
      vocab_size: vocabulary,
      rope_theta: ropeTheta,
      rms_norm_eps: eps,
      hidden_act: 'silu',
      tie_word_embeddings: true,
      bos_token_id: 1,
      eos_token_id: 2,
    },
    tokenizer: {
      model: { type: 'WordLevel', vocab: Object.fromEntries(words.map((word, at) => [word, at])), unk_token: '<unk>' },
    },
    weights: writeSafetensors(tensors),
  };
}

/** What a lane did to its cache, as far as attention sees it; without it, every token sees all before it at their places. */
export interface Sight {
  /** Whether token i still has token j, which is not newer, in a head. */
  sees?(layer: number, kvHead: number, i: number, j: number): boolean;
  /** What the key of token j is turned to when token i looks; for i itself, what its query is turned to. */
  position?(layer: number, kvHead: number, i: number, j: number): number;
}

export interface Naive {
  /** [tokens from `from` on][vocabulary] */
  readonly logits: readonly Float64Array[];
  /** Of the last token: [layers][heads][tokens]. */
  readonly attention: readonly (readonly Float64Array[])[];
}

type Row = Float64Array;

const sum = (length: number, of: (i: number) => number) => {
  let total = 0;
  for (let i = 0; i < length; i++) total += of(i);
  return total;
};

/**
 * Llama as its paper and Hugging Face's code describe it, without a cache, without a batch, without a trick.
 * @param from logits are wanted from this token on: what the last layer makes of older ones is left out
 */
export function naive(file: ModelFile, shape: Shape, tokens: readonly number[], sight: Sight = {}, from = 0): Naive {
  const { hidden, layers, heads, kvHeads, headDim, inner, vocabulary, ropeTheta, eps } = shape;
  const { sees = () => true, position = (_layer, _kvHead, _i, j) => j } = sight;
  const { tensors } = readSafetensors(file.weights);
  const weight = (name: string) => tensors.get(`model.${name}.weight`)!.data;

  const times = (name: string, x: Row, outDim: number): Row => {
    const w = weight(name);
    return Float64Array.from({ length: outDim }, (_, o) => sum(x.length, (i) => w[o * x.length + i]! * x[i]!));
  };
  const norm = (name: string, x: Row): Row => {
    const w = weight(name);
    const scale = 1 / Math.sqrt(sum(hidden, (i) => x[i]! * x[i]!) / hidden + eps);
    return x.map((value, i) => value * scale * w[i]!);
  };
  /** Angles in single precision, as Hugging Face has them. */
  const turn = (x: Row, head: number, by: number): Row => {
    const half = headDim / 2;
    const row = x.subarray(head * headDim, (head + 1) * headDim);
    return row.map((value, c) => {
      const angle = Math.fround(by * Math.fround(ropeTheta ** (-(c % half) / half)));
      const other = c < half ? -row[c + half]! : row[c - half]!;
      return value * Math.cos(angle) + other * Math.sin(angle);
    });
  };

  let rows = tokens.map((token) =>
    Float64Array.from(weight('embed_tokens').subarray(token * hidden, (token + 1) * hidden)),
  );
  const attention: Row[][] = [];
  for (let layer = 0; layer < layers; layer++) {
    const at = `layers.${layer}`;
    const normed = rows.map((x) => norm(`${at}.input_layernorm`, x));
    const queries = normed.map((x) => times(`${at}.self_attn.q_proj`, x, heads * headDim));
    const keys = normed.map((x) => times(`${at}.self_attn.k_proj`, x, kvHeads * headDim));
    const values = normed.map((x) => times(`${at}.self_attn.v_proj`, x, kvHeads * headDim));
    const turned = new Map<string, Row>();
    const keyAt = (kvHead: number, j: number, to: number) => {
      const name = `${kvHead} ${j} ${to}`;
      const known = turned.get(name) ?? turn(keys[j]!, kvHead, to);
      turned.set(name, known);
      return known;
    };
    const first = layer === layers - 1 ? from : 0;
    const mixed = rows.slice(first).map((_, r) => {
      const i = first + r;
      const out = new Float64Array(heads * headDim);
      for (let head = 0; head < heads; head++) {
        const kvHead = Math.floor((head * kvHeads) / heads);
        const query = turn(queries[i]!, head, position(layer, kvHead, i, i));
        const seen = Array.from({ length: i + 1 }, (__, j) => j).filter((j) => sees(layer, kvHead, i, j));
        const scores = seen.map((j) => {
          const key = keyAt(kvHead, j, position(layer, kvHead, i, j));
          return sum(headDim, (c) => query[c]! * key[c]!) / Math.sqrt(headDim);
        });
        const top = scores.reduce((most, score) => Math.max(most, score), -Infinity);
        const shares = scores.map((score) => Math.exp(score - top));
        const total = shares.reduce((a, b) => a + b, 0);
        seen.forEach((j, at) => {
          for (let c = 0; c < headDim; c++) {
            out[head * headDim + c]! += (shares[at]! / total) * values[j]![kvHead * headDim + c]!;
          }
        });
        if (i === tokens.length - 1) {
          const line = new Float64Array(tokens.length);
          seen.forEach((j, at) => (line[j] = shares[at]! / total));
          (attention[layer] ??= []).push(line);
        }
      }
      return out;
    });
    rows = rows.slice(first).map((x, r) => {
      const after = times(`${at}.self_attn.o_proj`, mixed[r]!, hidden).map((y, c) => x[c]! + y);
      const between = norm(`${at}.post_attention_layernorm`, after);
      const gate = times(`${at}.mlp.gate_proj`, between, inner);
      const up = times(`${at}.mlp.up_proj`, between, inner);
      const fed = gate.map((g, c) => (g / (1 + Math.exp(-g))) * up[c]!);
      return times(`${at}.mlp.down_proj`, fed, hidden).map((y, c) => after[c]! + y);
    });
  }
  return { logits: rows.map((x) => times('embed_tokens', norm('norm', x), vocabulary)), attention };
}
