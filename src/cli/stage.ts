/**
 * Whether a model is a fair stage: whether what its pictures show decides its answers.
 *
 *     npm run --silent stage -- [--questions 20] [--seed 3000000] [--facts many|few] [--model DIR] [--out FILE] [--store]
 *
 * Prints JSON. `full`: right answers with the full cache, by kind. `without` and `only`: right answers when one KV head, or all but one, lose the text
 * (they keep <bos> and the question), [layer][kv_head]. `removed`: right answers after the most important head is taken away, then the next, until
 * fewer than 30 % are left: as many heads matter. `worth`: what each KV head is worth to answers (`headWorth`), measured on other texts.
 * `predicts`: how well a right answer is told, over all lanes and budgets (area under the ROC curve), by `ink`, the share of all slots that hold the
 * answer's words where the text tells them, by `read`, the same with each slot weighed by its head's worth, by `needed`, the plain share with the word
 * that the question names, and by `attention_kept`. `bos`: attention to <bos> of rows that ask for nothing, [layer][head]. `reads`:
 * attention to the answer's words of the row that chooses it, [layer][kv_head]. `entropy`: in nats, of the row
 * that answers, [layer], mean over heads. `key_norms`: length of the answer's keys over that of all others, [layer][kv_head]. `lanes`: right answers by
 * moment, lane and budget, with their 95 % intervals. `sinks`: mean KL, and right answers, of StreamingLLM with 4 sinks and with none, at half of the
 * cache, for facts that lie wholly inside its window. `keys`: right answers with 2-bit keys by channel and by token. Questions are of all kinds alike, one
 * a text, from seeds that training never saw. `--store` puts the worth of the heads into the model's config.json, where figures find it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Engine, Prepared } from '../engine/engine.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { askedOfKinds, type Texts } from '../engine/measure/asked.ts';
import { answerEntropy, answerReads, keyNorms, restingShare } from '../engine/measure/attending.ts';
import { auc } from '../engine/measure/auc.ts';
import { interval } from '../engine/measure/interval.ts';
import type { Stage, Rate } from '../engine/measure/stage.ts';
import { inkOfWords, toldAt } from '../engine/measure/told.ts';
import { headWorth, removeInTurn, shareWithout } from '../engine/measure/without.ts';
import { moments } from '../engine/prompt.ts';
import { seeded } from '../engine/random.ts';
import { kinds as allKinds, type Kind } from '../engine/world/facts.ts';
import { densityOf, integerOf, main, tell } from './fail.ts';
import { folderOf, loadEngine, weightsHash } from './load.ts';

const length = 512;
const budgets = [0.5, 0.25, 0.125, 0.0625] as const;
const lanes = ['snapkv', 'h2o', 'tova', 'streaming-llm', 'random', 'knorm', 'inverted(knorm)', 'oracle'] as const;
/** StreamingLLM with what attention rests on, and without. */
const sinkLanes = { four: 'streaming-llm', none: 'streaming-llm(sinks=0)' } as const;
/** The same bits for keys, a scale for each channel or for each token. */
const keyLanes = ['kivi', 'kivi(channels=false)'] as const;
/** Answers that heads are taken away for until so few of them are right. */
const ruined = 0.3;
/** Heads are weighed on texts that nothing else is measured on. */
const worthSeed = 500_000;

const percent = (share: number) => Math.round(1000 * share) / 10;
const rounded = (value: number) => Math.round(1000 * value) / 1000;
/** Right answers in per cent, and their 95 % interval. */
const within = (right: number, n: number): Rate => {
  const [low, high] = interval(right, n);
  return [percent(right / n), percent(low), percent(high)];
};
const byLayer = (heads: readonly number[], kvHeads: number) =>
  Array.from({ length: heads.length / kvHeads }, (_, layer) => heads.slice(layer * kvHeads, (layer + 1) * kvHeads));
const meanOf = (grids: readonly (readonly (readonly number[])[])[]) =>
  grids[0]!.map((row, i) =>
    row.map((_, j) => rounded(grids.reduce((sum, grid) => sum + grid[i]![j]!, 0) / grids.length)),
  );
const table = <K extends string, T>(keys: readonly K[], of: (key: K) => T) =>
  Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<K, T>;

/** One lane's answer, and what may foretell it. */
type Point = { readonly right: boolean } & Readonly<Record<keyof Stage['predicts'], number>>;

/** Runs all lanes at all budgets, and counts. */
class Tally {
  readonly points: Point[] = [];
  readonly full: Record<Kind, number> = table(allKinds, () => 0);
  readonly rights = table(moments, () => table(lanes, () => budgets.map(() => 0)));
  readonly sinks = { four: { kl: 0, right: 0 }, none: { kl: 0, right: 0 }, n: 0 };
  readonly keys: Record<string, number> = table(keyLanes, () => 0);
  readonly #engine: Engine;
  readonly #worth: readonly number[];

  constructor(engine: Engine, worth: readonly number[]) {
    this.#engine = engine;
    this.#worth = worth;
  }

  #run = (prepared: Prepared, specs: readonly string[], keep: number) =>
    this.#engine.compare(
      prepared,
      specs.map((spec) => parseLane(spec).spec),
      keep,
    );

  lanes(prepared: Prepared, when: (typeof moments)[number]): void {
    const { needed = [] } = prepared.prompt.turns[0]!.question;
    const told = toldAt(prepared.prompt);
    for (const [b, keep] of budgets.entries()) {
      this.#run(prepared, lanes, keep).forEach(({ kept, attentionKept, right }, i) => {
        this.points.push({
          ink: inkOfWords(kept, told),
          read: inkOfWords(kept, told, this.#worth),
          needed: inkOfWords(kept, needed),
          attention_kept: attentionKept,
          right: right!,
        });
        this.rights[when][lanes[i]!][b]! += Number(right);
      });
    }
  }

  rest(prepared: Prepared, kind: Kind): void {
    const { needed = [] } = prepared.prompt.turns[0]!.question;
    this.full[kind] += Number(this.#run(prepared, ['full'], 1)[0]!.right);
    this.#run(prepared, keyLanes, 1).forEach(({ right }, i) => (this.keys[keyLanes[i]!]! += Number(right)));
    if (!needed.every((position) => position > prepared.prompt.textLength * 0.55)) return;
    this.#run(prepared, Object.values(sinkLanes), 0.5).forEach(({ kl, right }, i) => {
      const at = this.sinks[Object.keys(sinkLanes)[i] as keyof typeof sinkLanes];
      at.kl += kl;
      at.right += Number(right);
    });
    this.sinks.n++;
  }
}

function worthOf(engine: Engine, questions: number, texts: Texts): number[] {
  const other = { ...texts, seed: texts.seed + worthSeed };
  const random = seeded(other.seed);
  const all: Prepared[] = [];
  for (const { prompt } of askedOfKinds(engine.model.vocabulary, questions, other, 'later'))
    all.push(engine.prepare(prompt));
  const worth = headWorth(engine, all, random).map(rounded);
  for (const prepared of all) engine.release(prepared);
  return worth;
}

function measure(engine: Engine, questions: number, texts: Texts): Omit<Stage, 'model' | 'weights_sha256' | 'facts'> {
  const { kvHeads, layers } = engine.model.config;
  const heads = [...Array(layers * kvHeads).keys()];
  const worth = worthOf(engine, questions, texts);
  const tally = new Tally(engine, worth);
  const all: Prepared[] = [];
  for (const when of moments) {
    for (const { kind, prompt } of askedOfKinds(engine.model.vocabulary, questions, texts, when)) {
      const prepared = engine.prepare(prompt);
      tally.lanes(prepared, when);
      if (when === 'later') tally.rest(prepared, kind);
      if (when === 'later') all.push(prepared);
      else engine.release(prepared);
    }
  }
  const n = questions * allKinds.length;
  const without = shareWithout(
    engine,
    all,
    heads.map((head) => new Set([head])),
  );
  const only = shareWithout(
    engine,
    all,
    heads.map((head) => new Set(heads.filter((other) => other !== head))),
  );
  const { sinks } = tally;
  const sink = ({ kl, right }: { kl: number; right: number }) => ({
    kl: kl / sinks.n,
    right: percent(right / sinks.n),
  });
  return {
    questions: n,
    seed: texts.seed,
    full: table(allKinds, (kind) => percent(tally.full[kind] / questions)),
    without: byLayer(without.map(percent), kvHeads),
    only: byLayer(only.map(percent), kvHeads),
    removed: removeInTurn(engine, all, without, ruined).map(({ head, right }) => ({ head, right: percent(right) })),
    worth: byLayer(worth, kvHeads),
    predicts: table(['ink', 'read', 'needed', 'attention_kept'], (by) =>
      rounded(auc(tally.points.map((point) => ({ value: point[by], right: point.right })))),
    ),
    bos: meanOf(all.map((prepared) => restingShare(engine, prepared))),
    reads: meanOf(all.map((prepared) => answerReads(engine, prepared))),
    entropy: meanOf(all.map((prepared) => [answerEntropy(engine, prepared)]))[0]!,
    key_norms: meanOf(all.map(keyNorms)),
    budgets,
    lanes: table(moments, (when) => table(lanes, (lane) => tally.rights[when][lane].map((right) => within(right, n)))),
    sinks: { four: sink(sinks.four), none: sink(sinks.none), n: sinks.n },
    keys: table(keyLanes, (spec) => percent(tally.keys[spec]! / n)),
  };
}

function store(folder: URL, worth: Stage['worth']): void {
  const file = new URL('config.json', folder);
  const config = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...config, head_worth: worth }));
}

await main('stage', () => {
  const { values } = parseArgs({
    options: {
      questions: { type: 'string', default: '20' },
      seed: { type: 'string', default: '3000000' },
      facts: { type: 'string', default: 'many' },
      model: { type: 'string' },
      out: { type: 'string' },
      store: { type: 'boolean' },
    },
  });
  const questions = integerOf('questions', values.questions, 1, 1000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const density = densityOf(values.facts);
  const engine = loadEngine(undefined, values.model);
  const report: Stage = {
    model: engine.model.id,
    weights_sha256: weightsHash(values.model),
    facts: values.facts,
    ...measure(engine, questions, { length, density, seed }),
  };
  if (values.store) store(folderOf(values.model), report.worth);
  tell(report, values.out);
});
