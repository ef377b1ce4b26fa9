/**
 * What methods do to answers, and to what attention computes, side by side at equal bytes:
 *
 *     npm run --silent measure -- [--quick] [--questions 20] [--seed 3500000] [--lane SPEC ...] [--keep 0.5,0.25] [--when visible|later] [--facts many|few]
 *                                 [--model DIR] [--out FILE]
 *
 * Questions are of all kinds alike, one a text of 512 tokens, from seeds that training never saw. Lanes are policies, codecs and both together, unless
 * named; the question is visible before the lane shrinks, and asked later, unless `--when` says one of them. `--quick` asks for answers alone: policies of
 * eviction at a half, a quarter, an eighth and a sixteenth of the bytes, 17 questions of each kind, 102 in all. That takes about four minutes of one
 * processor; `--questions 100` gives each kind its hundred, in six times as long.
 *
 * Prints JSON {model, weights_sha256, questions, seed, facts, budgets, lanes, channels}, where `questions` are those of a kind, and `lanes` is a list of {lane, when, keep, fits,
 * bytes, n, right, kinds, kl, kl_within, damage}: `when` the question became known; `keep` the budget as a share of the full cache's bytes; `fits` the share of texts in which the
 * lane stayed within it (a lane that drops nothing takes what it takes); `bytes` what it took, as a share of the full cache, mean; `wire` the same of what crossed a network packed for the way, for lanes that
 * are made for it, and in no other count; `right` right answers {right, n, low, high},
 * with Wilson's 95 % interval, and `kinds` the same by kind; `kl` mean KL(full || lane) in nats over the full cache's answer, and `kl_within` its 95 % interval, by bootstrap;
 * `damage` means of {keys, values, logits, output} as damage.ts says. `channels` {keys, keys_before_rope, values}: [layer][kv_head], how far the largest channel stands out
 * (channels.ts), mean. `--quick` prints neither `damage` nor `channels`.
 *
 * The figure of equal bytes shows public/data/measure.json, made by `--when later --questions 17 --keep 0.5,0.25,0.125,0.0625` with the lanes that it names.
 */
import { parseArgs } from 'node:util';
import { mostLanes, type Engine, type LaneRun, type Prepared } from '../engine/engine.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { askedOfKinds, type Texts } from '../engine/measure/asked.ts';
import { channelPeak } from '../engine/measure/channels.ts';
import { laneDamage, type Damage } from '../engine/measure/damage.ts';
import { interval, meanInterval } from '../engine/measure/interval.ts';
import { moments, type When } from '../engine/prompt.ts';
import { parseNumber } from '../engine/settings.ts';
import { kinds as allKinds, type Kind } from '../engine/world/facts.ts';
import { densityOf, integerOf, main, oneOf, tell } from './fail.ts';
import { loadEngine, weightsHash } from './load.ts';

const length = 512;

const usualLanes = [
  ...['full', 'snapkv', 'h2o', 'streaming-llm', 'random'],
  ...['q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'iq4_nl', 'fp8', 'fp8(exponent=5)'],
  ...['kivi(bits=4)', 'kivi', 'kivi(channels=false)', 'per-tensor', 'per-token', 'per-channel'],
  ...['kvquant', 'turboquant', 'polarquant', 'qjl', 'think', 'low-rank', 'qvg', 'cachegen', 'cachegen(deltas=false)'],
  ...['snapkv+q8_0', 'snapkv+q4_0', 'snapkv+kivi', 'snapkv+think'],
];

/** What the quick measurement compares: every policy, and the codecs that are met most. */
const quickLanes = [
  ...['full', 'oracle', 'random', 'protected(random)', 'streaming-llm', 'h2o', 'tova', 'snapkv', 'inverted(snapkv)'],
  ...['pyramid(snapkv)', 'adakv(snapkv)', 'criticalkv(snapkv)', 'cake(snapkv)', 'chunkkv(snapkv)'],
  ...['knorm', 'keydiff', 'lagkv', 'cur', 'leverage', 'noncausal-attn', 'capkv', 'q-filter', 'expected-attention'],
  ...['kvzip', 'kvcompose', 'finch', 'r-kv', 'simlayerkv', 'duo-attention', 'triattention', 'compresskv'],
  ...['one-set(intentkv)', 'polykv', 'stages(tova)', 'stages(tova,recover=false)'],
  ...['q8_0', 'q4_0', 'fp8', 'kivi(bits=4)', 'kivi', 'turboquant', 'snapkv+q4_0', 'snapkv+kivi'],
];

interface Measured {
  readonly kind: Kind;
  readonly right: boolean;
  readonly fits: boolean;
  readonly bytes: number;
  /** As a share of the full cache, like bytes. */
  readonly wire: number;
  readonly kl: number;
  readonly damage: Damage | undefined;
}

/** Bytes that came over a network. */
const crossed = (events: LaneRun['events']) =>
  events
    .flatMap((event) => (event.type === 'encode' ? event.parts : []))
    .reduce((sum, { from, to, wire = 0 }) => sum + wire * (to - from), 0);

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const rounded = (x: number) => Number(x.toPrecision(4));

function rightOf(all: readonly Measured[]) {
  const right = all.filter((one) => one.right).length;
  const [low, high] = interval(right, all.length).map(rounded);
  return { right, n: all.length, low, high };
}

function row(lane: string, when: When, keep: number, all: readonly Measured[]) {
  const means = (of: (one: Measured) => number) => rounded(mean(all.map(of)));
  return {
    lane,
    when,
    keep,
    fits: means(({ fits }) => Number(fits)),
    bytes: means(({ bytes }) => bytes),
    ...(all.some(({ wire }) => wire) ? { wire: means(({ wire }) => wire) } : {}),
    ...rightOf(all),
    kinds: Object.fromEntries(allKinds.map((kind) => [kind, rightOf(all.filter((one) => one.kind === kind))])),
    kl: means(({ kl }) => kl),
    kl_within: meanInterval(all.map(({ kl }) => kl)).map(rounded),
    ...(all[0]!.damage && { damage: meanDamage(all.map(({ damage }) => damage!)) }),
  };
}

function meanDamage(all: readonly Damage[]) {
  const means = (of: (one: Damage) => number) => rounded(mean(all.map(of)));
  return {
    keys: means(({ keys }) => keys),
    values: means(({ values }) => values),
    logits: means(({ logits }) => logits),
    output: means(({ output }) => output),
  };
}

interface Asked {
  readonly questions: number;
  readonly texts: Texts;
  readonly lanes: readonly string[];
  readonly budgets: readonly number[];
  readonly moments: readonly When[];
  /** Whether only answers are measured. */
  readonly answers: boolean;
}

function measure(engine: Engine, { questions, texts, lanes, budgets, moments, answers }: Asked) {
  const cells = new Map<string, Measured[]>();
  const peaks: ReturnType<typeof peaksOf>[] = [];
  for (const when of moments) {
    for (const { kind, prompt } of askedOfKinds(engine.model.vocabulary, questions, texts, when)) {
      const prepared = engine.prepare(prompt);
      if (!answers && when === moments.at(-1)) peaks.push(peaksOf(engine, prepared));
      for (const { cell, ...one } of measureOne(engine, prepared, lanes, budgets, answers)) {
        const all = cells.get(`${when} ${cell}`) ?? [];
        cells.set(`${when} ${cell}`, all);
        all.push({ kind, ...one });
      }
      engine.release(prepared);
    }
  }
  const rows = moments.flatMap((when) =>
    budgets.flatMap((keep) => lanes.map((lane) => row(lane, when, keep, cells.get(`${when} ${keep} ${lane}`)!))),
  );
  return { lanes: rows, ...(!answers && { channels: meanPeaks(peaks) }) };
}

/** Every lane at every budget on one question, as many lanes in a pass as the engine takes. */
function* measureOne(
  engine: Engine,
  prepared: Prepared,
  lanes: readonly string[],
  budgets: readonly number[],
  answers: boolean,
): Generator<Omit<Measured, 'kind'> & { cell: string }> {
  const whole = new Map<string, Damage>();
  for (const keep of budgets) {
    for (let from = 0; from < lanes.length; from += mostLanes) {
      const some = lanes.slice(from, from + mostLanes);
      const specs = some.map((lane) => parseLane(lane).spec);
      for (const [i, { right, budget, bytes, kl, events }] of engine.compare(prepared, specs, keep).entries()) {
        const lane = some[i]!;
        const damage = answers ? undefined : (whole.get(lane) ?? laneDamage(prepared, specs[i]!, keep));
        // What keeps all of the text does the same to it at every budget.
        if (damage && budget.kept === prepared.prefix.cache.length) whole.set(lane, damage);
        yield {
          ...{ cell: `${keep} ${lane}`, right: right ?? false, fits: budget.fits },
          ...{ bytes: bytes.live / bytes.full, wire: crossed(events) / bytes.full, kl, damage },
        };
      }
    }
  }
}

/** [layer][kvHead] of each tensor. */
function peaksOf(engine: Engine, { views, prefix }: Prepared) {
  const { headDim, kvHeads } = engine.model.config;
  const of = (rows: (layer: number, kvHead: number) => Float32Array) =>
    views.map((_, layer) => Array.from({ length: kvHeads }, (__, kvHead) => channelPeak(rows(layer, kvHead), headDim)));
  return {
    keys: of((layer, kvHead) => views[layer]!.keys(kvHead)),
    keys_before_rope: of((layer, kvHead) => {
      const keys = views[layer]!.keys(kvHead).slice();
      const positions = prefix.cache.positions(layer * kvHeads + kvHead);
      for (let i = 0; i * headDim < keys.length; i++)
        engine.model.store.rope.rotate(keys, i * headDim, 1, -positions[i]!);
      return keys;
    }),
    values: of((layer, kvHead) => views[layer]!.values(kvHead)),
  };
}

function meanPeaks(all: readonly ReturnType<typeof peaksOf>[]) {
  const of = (name: 'keys' | 'keys_before_rope' | 'values') =>
    all[0]![name].map((heads, layer) =>
      heads.map((_, kvHead) => rounded(mean(all.map((one) => one[name][layer]![kvHead]!)))),
    );
  return { keys: of('keys'), keys_before_rope: of('keys_before_rope'), values: of('values') };
}

function shares(text: string): number[] {
  return text.split(',').map((part) => {
    const share = parseNumber(part);
    if (share === undefined || share <= 0 || share > 1)
      throw new Error(`--keep is a list of numbers above 0 and up to 1, not "${text}".`);
    return share;
  });
}

await main('measure', () => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean' },
      questions: { type: 'string' },
      seed: { type: 'string', default: '3500000' },
      lane: { type: 'string', multiple: true },
      keep: { type: 'string' },
      when: { type: 'string' },
      facts: { type: 'string', default: 'many' },
      model: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const { quick = false } = values;
  const lanes = values.lane ?? (quick ? quickLanes : usualLanes);
  const problems = lanes.flatMap((lane) => parseLane(lane).problems);
  if (problems.length) throw new Error(problems.join(' '));
  const questions = integerOf('questions', values.questions ?? (quick ? '17' : '20'), 1, 1000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const budgets = shares(values.keep ?? (quick ? '0.5,0.25,0.125,0.0625' : '0.5,0.25,0.125'));
  const texts = { length, density: densityOf(values.facts), seed };
  const asked = values.when === undefined ? moments : [oneOf('when', moments, values.when)];
  const engine = loadEngine(undefined, values.model);
  const report = {
    model: engine.model.id,
    weights_sha256: weightsHash(values.model),
    questions,
    seed,
    facts: values.facts,
    budgets,
    ...measure(engine, { questions, texts, lanes, budgets, moments: asked, answers: quick }),
  };
  tell(report, values.out);
});
