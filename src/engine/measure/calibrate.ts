import { best } from '../eviction/select.ts';
import type { Tensor } from '../eviction/types.ts';
import { termOf } from '../lane-spec.ts';
import { CacheView } from '../layer-view.ts';
import type { CalibratedName } from '../model/calibration.ts';
import type { Model } from '../model/model.ts';
import { fitted, makeScorer } from '../plan.ts';
import { Prefix } from '../prefix.ts';
import type { Prompt } from '../prompt.ts';
import { evictionError } from './eviction-error.ts';
import { QueryCenters } from './query-centers.ts';

/**
 * What rules may know of a model beforehand, from texts with a question and an answer behind each.
 * @param entries of the text that a head keeps where the error of a cut is measured
 * @returns for each layer, by name
 */
export function calibrate(
  model: Model,
  prompts: readonly Prompt[],
  entries: number,
): Readonly<Record<CalibratedName, Tensor>>[] {
  const { layers, heads, headDim } = model.config;
  const centers = new QueryCenters(model.config);
  const errors = new Float64Array(layers);
  for (const prompt of prompts) {
    const text = new Prefix(model, prompt);
    const whole = new Prefix(model, answered(prompt));
    for (let token = 0; token < whole.cache.length; token++) {
      const queries = Array.from({ length: layers }, (_, layer) =>
        model.kernels.heap.floats(whole.queries.at(layer, token), heads * headDim),
      );
      centers.add(queries, token);
    }
    for (let layer = 0; layer < layers; layer++) {
      const view = new CacheView(model, text.cache, text.queries, layer, undefined);
      const scores = makeScorer(fitted(termOf('snapkv'), view.seq, entries)).score(view, entries);
      const kept = scores.map((row) => best(row, Math.min(entries, row.length)));
      errors[layer]! += evictionError(model, whole.cache, whole.queries, layer, kept, text.cache.length);
    }
    for (const prefix of [text, whole]) prefix.release();
  }
  const total = errors.reduce((a, b) => a + b, 0);
  return Array.from({ length: layers }, (_, layer) => ({
    ...centers.of(layer),
    eviction_error: { shape: [1], data: Float32Array.of(errors[layer]! / total) },
  }));
}

/** The same prompt, read to the end of the right answer. */
function answered(prompt: Prompt): ConstructorParameters<typeof Prefix>[1] {
  const tokens = [...prompt.tokens, ...prompt.tokenizer.encode(prompt.turns[0]!.expected ?? [])];
  const { length } = tokens;
  return {
    tokens,
    compressedAt: length,
    judgedAt: length,
    textLength: length,
    splicedAt: undefined,
    earlier: undefined,
  };
}
