import type { Model } from '../model/model.ts';
import { Prefix } from '../prefix.ts';
import { seededPrompt } from '../prompt.ts';
import { amounts, defaultKinds } from '../world/text.ts';

/** Keys and values of a text's first tokens, after the model has read it whole. */
export interface HeadRows {
  /** [heads][tokens][headDim], as they are cached: after RoPE */
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

/** Reads the text of a seed, and copies what each head (layer * kvHeads + kvHead) holds of its first tokens. */
export function headRows(model: Model, seed: number, tokens: number): HeadRows {
  // Texts end with a sentence, and so may be a little shorter than asked for.
  const text = { length: tokens + 32, kinds: defaultKinds, density: amounts.many };
  const prefix = new Prefix(model, seededPrompt(model.vocabulary, seed, text, 0, 'later'));
  const { cache } = prefix;
  if (cache.length < tokens) throw new Error(`The text of seed ${seed} has ${cache.length} tokens, not ${tokens}.`);
  const { headDim } = model.config;
  const rows = (of: (row: number) => Float32Array) =>
    Array.from({ length: model.store.heads }, (_, head) => {
      const all = new Float32Array(tokens * headDim);
      for (let token = 0; token < tokens; token++) all.set(of(cache.row(head, token)), token * headDim);
      return all;
    });
  const found = { keys: rows((row) => model.store.key(row)), values: rows((row) => model.store.value(row)) };
  prefix.release();
  return found;
}

/** Turns keys back to what they were before RoPE. @param keys [n][headDim], of positions 0, 1, 2, ... @returns a copy */
export function beforeRope(
  keys: Float32Array,
  headDim: number,
  rope: Pick<Model['store']['rope'], 'rotate'>,
): Float32Array {
  const turned = keys.slice();
  for (let token = 0; token * headDim < keys.length; token++) rope.rotate(turned, token * headDim, 1, -token);
  return turned;
}
