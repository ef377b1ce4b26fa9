/**
 * How far a model is from one whose keys are its values: what the best linear map from keys to values explains, head by head.
 *
 *     npm run --silent tied -- [--texts 40] [--questions 10] [--seed 3600000] [--model DIR] [--out FILE]
 *
 * Prints JSON {model, weights_sha256, texts, tokens, seed, asked, before_rope, cached}. Maps are fitted by least squares on the first `tokens` tokens of so
 * many seeded texts, and all that is said is of as many others, none of which training saw. For keys before RoPE, and as they are cached: `explained`
 * [layer][kv_head] share of the values' variance; `kl` mean KL(full || lane) in nats, over the full cache's answers to `asked` questions, when every head's
 * cached values are replaced by what the map makes of its keys, and `kl_within` its 95 % interval; `kl_alone` [layer][kv_head] the same when only that head's are.
 */
import { parseArgs } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import { askedOfKinds } from '../engine/measure/asked.ts';
import { headRows, type HeadRows } from '../engine/measure/head-rows.ts';
import { meanInterval } from '../engine/measure/interval.ts';
import { explained, mapped } from '../engine/measure/linear-map.ts';
import { fitMaps, joined, keysIn, placeOf, withoutValues, type Maps } from '../engine/measure/tied.ts';
import type { Basis } from '../engine/quantization/types.ts';
import { amounts } from '../engine/world/text.ts';
import { integerOf, main, tell } from './fail.ts';
import { loadEngine, weightsHash } from './load.ts';

const tokens = 256;
/** Questions are asked of longer texts, from seeds of their own. */
const length = 512;
const askedSeed = 500_000;

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const rounded = (x: number) => Number(x.toPrecision(4));

function explainedBy(engine: Engine, maps: Maps, basis: Basis, texts: readonly HeadRows[]): number[] {
  const place = placeOf(engine);
  return maps.map((map, head) => {
    const told = joined(texts.map((text) => mapped(keysIn(basis, text.keys[head]!, place), map, place.headDim)));
    return rounded(explained(joined(texts.map((text) => text.values[head]!)), told, place.headDim));
  });
}

function measure(engine: Engine, count: number, questions: number, seed: number) {
  const { layers, kvHeads } = engine.model.config;
  const read = (from: number) => Array.from({ length: count }, (_, i) => headRows(engine.model, from + i, tokens));
  const [fitted, held] = [read(seed), read(seed + count)];
  const heads = [...fitted[0]!.keys.keys()];
  const byLayer = (numbers: readonly number[]) =>
    Array.from({ length: layers }, (_, layer) => numbers.slice(layer * kvHeads, (layer + 1) * kvHeads));
  const bases = (['before-rope', 'cached'] as const).map((basis) => {
    const maps = fitMaps(fitted, basis, placeOf(engine));
    return { basis, maps, all: [] as number[], alone: heads.map(() => [] as number[]) };
  });
  const texts = { length, density: amounts.many, seed: seed + askedSeed };
  for (const { prompt } of askedOfKinds(engine.model.vocabulary, questions, texts, 'later')) {
    const prepared = engine.prepare(prompt);
    for (const { basis, maps, all, alone } of bases) {
      all.push(withoutValues(engine, prepared, maps, basis, heads));
      for (const head of heads) alone[head]!.push(withoutValues(engine, prepared, maps, basis, [head]));
    }
    engine.release(prepared);
  }
  const found = bases.map(({ basis, maps, all, alone }) => ({
    explained: byLayer(explainedBy(engine, maps, basis, held)),
    kl: rounded(mean(all)),
    kl_within: meanInterval(all).map(rounded),
    kl_alone: byLayer(alone.map((kls) => rounded(mean(kls)))),
  }));
  return { asked: bases[0]!.all.length, before_rope: found[0]!, cached: found[1]! };
}

await main('tied', () => {
  const { values } = parseArgs({
    options: {
      texts: { type: 'string', default: '40' },
      questions: { type: 'string', default: '10' },
      seed: { type: 'string', default: '3600000' },
      model: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const texts = integerOf('texts', values.texts, 1, 1000);
  const questions = integerOf('questions', values.questions, 1, 1000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const engine = loadEngine(undefined, values.model);
  const report = {
    model: engine.model.id,
    weights_sha256: weightsHash(values.model),
    texts,
    tokens,
    seed,
    ...measure(engine, texts, questions, seed),
  };
  tell(report, values.out);
});
