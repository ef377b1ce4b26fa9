/**
 * Whether a model is a fair stage: whether what its pictures show decides its answers.
 *
 *     npm run --silent stage -- [--questions 20] [--seed 3000000] [--facts many|few] [--model DIR] [--out FILE]
 *
 * Prints JSON. `full`: right answers with the full cache, by kind. `without` and `only`: right answers when one KV head, or all but one, lose the text
 * (they keep <bos> and the question), [layer][kv_head]. `removed`: right answers after the most important head is taken away, then the next, until
 * fewer than 30 % are left: as many heads matter. `predicts`: how well a right answer is told, over all lanes and budgets (area under the ROC curve), by
 * `ink`, the share of all slots that hold the answer's words where the text tells them, by `needed`, the same with the word that the question names, and
 * by `attention_kept`. `bos`: attention to <bos> of rows that ask for nothing, [layer][head]. `entropy`: in nats, of the row
 * that answers, [layer], mean over heads. `key_norms`: length of the answer's keys over that of all others, [layer][kv_head]. `lanes`: right answers by
 * moment, lane and budget, with their 95 % intervals. `sinks`: mean KL, and right answers, of StreamingLLM with 4 sinks and with none, at half of the
 * cache, for facts that lie wholly inside its window. `keys`: right answers with 2-bit keys by channel and by token. Questions are of all kinds alike, one a text, from seeds that training never saw.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Engine, LaneRun, Prepared } from '../engine/engine.ts';
import { Lane } from '../engine/lane.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { drive, live } from '../engine/live.ts';
import { makePlan } from '../engine/plan.ts';
import { moments, seededPrompt, type Prompt, type When } from '../engine/prompt.ts';
import { kinds as allKinds, type Kind } from '../engine/world/facts.ts';
import { defaultKinds, writeText } from '../engine/world/text.ts';
import { densityOf, integerOf, main } from './fail.ts';
import { interval } from '../engine/measure/interval.ts';
import { loadEngine, modelFile } from './load.ts';

const length = 512;
const budgets = [0.5, 0.25, 0.125, 0.0625] as const;
const lanes = ['snapkv', 'h2o', 'tova', 'streaming-llm', 'random', 'knorm', 'inverted(knorm)', 'oracle'] as const;

/** The first question of each kind that a text has, one a text. */
function* prompts(
  engine: Engine,
  count: number,
  seed: number,
  density: number,
  when: When,
): Generator<{ kind: Kind; prompt: Prompt }> {
  for (const kind of allKinds) {
    const kinds = kind === 'conversation' ? [...allKinds] : defaultKinds;
    let found = 0;
    for (let next = seed + 10_000 * allKinds.indexOf(kind); found < count; next++) {
      const index = writeText(next, { length, kinds, density }).questions.findIndex(
        (question) => question.kind === kind,
      );
      if (index < 0) continue;
      found++;
      yield { kind, prompt: seededPrompt(engine.model.vocabulary, next, { length, kinds, density }, index, when) };
    }
  }
}

/** StreamingLLM with what attention rests on, and without. */
const sinkLanes = { four: 'streaming-llm', none: 'streaming-llm(sinks=0)' } as const;
/** The same bits for keys, a scale for each channel or for each token. */
const keyLanes = ['kivi', 'kivi(channels=false)'] as const;

const share = (right: number, n: number) => Math.round((1000 * right) / n) / 10;
/** Right answers in per cent, and their 95 % interval. */
const within = (right: number, n: number) => [share(right, n), ...interval(right, n).map((end) => share(end, 1))];
const grid = <T>({ layers, kvHeads }: { layers: number; kvHeads: number }, of: (head: number) => T) =>
  Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: kvHeads }, (__, kvHead) => of(layer * kvHeads + kvHead)),
  );

/** Which of several mutilated caches still answer right: each without the text in some heads. */
function rightWithout(engine: Engine, prepared: Prepared, cases: readonly ReadonlySet<number>[]): boolean[] {
  const { config } = engine.model;
  const full = makePlan(parseLane('full').spec);
  const { textLength } = prepared.prompt;
  return chunks(cases, 8).flatMap((some) => {
    const started = some.map((lost) => {
      const lane = new Lane(prepared.ground, full, 1, () => {});
      const all = Int32Array.from({ length: lane.cache.length }, (_, i) => i);
      const none = all.filter((token) => token === 0 || token >= textLength);
      for (let layer = 0; layer < config.layers; layer++) {
        const kept = Array.from({ length: config.kvHeads }, (_, kvHead) =>
          lost.has(layer * config.kvHeads + kvHead) ? none : all,
        );
        lane.cache.retain(layer, kept);
      }
      const life = live(lane, prepared.script, prepared.views, undefined, () => {});
      return { lane, life, first: life.next() };
    });
    const lived = drive(started, (readings) => engine.model.forward(readings));
    for (const { lane } of started) lane.release();
    return lived.map(({ answers: [steps] }) => {
      const words = prepared.prompt.tokenizer.decode(
        steps!.map(({ token }) => token).filter((token) => token !== config.stop),
      );
      return words.join(' ') === prepared.prompt.turns[0]!.expected!.join(' ');
    });
  });
}

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

/** Attention to <bos> of ordinary rows of the text, for each head, and the entropy of the row that answers, for each layer. */
function looks(engine: Engine, { prefix, full }: Prepared) {
  const { config } = engine.model;
  const { heads, kvHeads, layers, headDim } = config;
  const group = heads / kvHeads;
  const rows = Array.from({ length: 24 }, (_, i) => 64 + i * 16).filter((row) => row < prefix.cache.length - 16);
  const bos = Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: heads }, (__, head) => {
      const kvHead = Math.floor(head / group);
      const all = rows.map((row) => {
        const query = prefix.queries.at(layer, row) + kvHead * group * headDim;
        const probs = engine.model.look(prefix.cache, layer * kvHeads + kvHead, query, row + 1);
        return engine.model.kernels.heap.f32[probs + (head % group) * (row + 1)]!;
      });
      return all.reduce((a, b) => a + b, 0) / all.length;
    }),
  );
  const { looks: looked, length: read } = full.answers[0]![0]!.looked!;
  const entropy = Array.from({ length: layers }, (_, layer) => {
    let sum = 0;
    for (const p of looked.subarray(layer * kvHeads * read, (layer + 1) * kvHeads * read))
      if (p > 0) sum -= p * Math.log(p);
    return sum / kvHeads;
  });
  return { bos, entropy };
}

/** Length of the keys of the answer's words over that of all others, <bos> apart: for each layer and KV head. */
function keyNorms({ prompt, views }: Prepared): number[][] {
  const told = new Set(toldAt(prompt));
  return views.map((view) =>
    view.counts.map((count, kvHead) => {
      const keys = view.keys(kvHead);
      const sums = { told: 0, rest: 0 };
      for (let token = 1; token < count; token++) {
        const norm = Math.hypot(...keys.subarray(token * view.headDim, (token + 1) * view.headDim));
        sums[told.has(token) ? 'told' : 'rest'] += norm;
      }
      return sums.told / told.size / (sums.rest / (count - 1 - told.size));
    }),
  );
}

/** One lane's answer, and what may foretell it. */
interface Point {
  readonly ink: number;
  readonly needed: number;
  readonly attention: number;
  readonly right: boolean;
}

/** The chance that a right answer has more of something than a wrong one. */
function auc(points: readonly Point[], by: 'ink' | 'needed' | 'attention'): number {
  const sorted = [...points].sort((a, b) => a[by] - b[by]);
  let [rank, sum] = [0, 0];
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (end < sorted.length && sorted[end]![by] === sorted[i]![by]) end++;
    for (; i < end; i++) if (sorted[i]!.right) sum += (rank + end - 1) / 2 + 1;
    rank = end;
  }
  const right = points.filter((point) => point.right).length;
  const wrong = points.length - right;
  return right && wrong ? (sum - (right * (right + 1)) / 2) / (right * wrong) : NaN;
}

/** Positions of the answer's own words where the text tells them; of a rule, which tells no answer, all that it says. */
function toldAt({ words, turns }: Prompt): readonly number[] {
  const { needed = [], answer = [] } = turns[0]!.question;
  const told = needed.filter((position) => answer.includes(words[position]!));
  return told.length ? told : needed;
}

/** Share of all slots that hold these words. */
const inkOf = ({ kept }: LaneRun, needed: readonly number[]) => {
  const wanted = new Set(needed);
  const heads = kept.flat();
  return (
    heads.reduce((sum, tokens) => sum + tokens.filter((token) => wanted.has(token)).length, 0) /
    (heads.length * needed.length)
  );
};

function headsThatMatter(engine: Engine, all: readonly Prepared[]) {
  const heads = engine.model.store.heads;
  const every = [...Array(heads).keys()];
  const count = (cases: readonly ReadonlySet<number>[]) => {
    const right = cases.map(() => 0);
    for (const prepared of all) rightWithout(engine, prepared, cases).forEach((good, i) => (right[i]! += Number(good)));
    return right.map((n) => share(n, all.length));
  };
  const without = count(every.map((head) => new Set([head])));
  const only = count(every.map((head) => new Set(every.filter((other) => other !== head))));
  const lost: number[] = [];
  const removed: { head: number; right: number }[] = [];
  while (removed.length < 8 && (removed.at(-1)?.right ?? 100) >= 30) {
    const left = every.filter((head) => !lost.includes(head));
    const right = lost.length ? count(left.map((head) => new Set([...lost, head]))) : without;
    const worst = right.indexOf(Math.min(...right));
    lost.push(left[worst]!);
    removed.push({ head: left[worst]!, right: right[worst]! });
  }
  return {
    without: grid(engine.model.config, (head) => without[head]!),
    only: grid(engine.model.config, (head) => only[head]!),
    removed,
  };
}

await main('stage', () => {
  const { values } = parseArgs({
    options: {
      questions: { type: 'string', default: '20' },
      seed: { type: 'string', default: '3000000' },
      facts: { type: 'string', default: 'many' },
      model: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const questions = integerOf('questions', values.questions, 1, 1000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const density = densityOf(values.facts);
  const engine = loadEngine(undefined, values.model);
  const points: Point[] = [];
  const rights = Object.fromEntries(
    moments.map((when) => [when, Object.fromEntries(lanes.map((lane) => [lane, budgets.map(() => 0)]))]),
  );
  const full = Object.fromEntries(allKinds.map((kind) => [kind, 0]));
  const sinks = { four: { kl: 0, right: 0 }, none: { kl: 0, right: 0 }, n: 0 };
  const keys: Record<string, number> = Object.fromEntries(keyLanes.map((spec) => [spec, 0]));
  const kept: Prepared[] = [];
  for (const when of moments) {
    for (const { kind, prompt } of prompts(engine, questions, seed, density, when)) {
      const prepared = engine.prepare(prompt);
      const { needed = [] } = prompt.turns[0]!.question;
      const told = toldAt(prompt);
      const run = (spec: string, keep: number) => engine.compare(prepared, [parseLane(spec).spec], keep)[0]!;
      if (when === 'later' && run('full', 1).right) full[kind]!++;
      for (const [b, keep] of budgets.entries()) {
        engine
          .compare(
            prepared,
            lanes.map((lane) => parseLane(lane).spec),
            keep,
          )
          .forEach((one, i) => {
            points.push({
              ink: inkOf(one, told),
              needed: inkOf(one, needed),
              attention: one.attentionKept,
              right: one.right!,
            });
            rights[when]![lanes[i]!]![b]! += Number(one.right);
          });
      }
      if (when === 'later' && needed.every((position) => position > prompt.textLength * 0.55)) {
        for (const [name, spec] of Object.entries(sinkLanes)) {
          const { kl, right } = run(spec, 0.5);
          sinks[name as keyof typeof sinkLanes].kl += kl;
          sinks[name as keyof typeof sinkLanes].right += Number(right);
        }
        sinks.n++;
      }
      if (when === 'later') for (const spec of keyLanes) keys[spec]! += Number(run(spec, 1).right);
      if (when === 'later') kept.push(prepared);
      else engine.release(prepared);
    }
  }
  const seen = kept.map((prepared) => ({ ...looks(engine, prepared), norms: keyNorms(prepared) }));
  const mean = (numbers: readonly number[]) =>
    Math.round((1000 * numbers.reduce((a, b) => a + b, 0)) / numbers.length) / 1000;
  const n = questions * allKinds.length;
  const weights = createHash('sha256').update(modelFile(values.model).weights).digest('hex');
  const report = {
    model: engine.model.id,
    weights_sha256: weights,
    questions: n,
    seed,
    facts: values.facts,
    full: Object.fromEntries(Object.entries(full).map(([kind, right]) => [kind, share(right, questions)])),
    ...headsThatMatter(engine, kept),
    predicts: {
      ink: mean([auc(points, 'ink')]),
      needed: mean([auc(points, 'needed')]),
      attention_kept: mean([auc(points, 'attention')]),
    },
    bos: seen[0]!.bos.map((row, layer) => row.map((_, head) => mean(seen.map(({ bos }) => bos[layer]![head]!)))),
    entropy: seen[0]!.entropy.map((_, layer) => mean(seen.map(({ entropy }) => entropy[layer]!))),
    key_norms: grid(engine.model.config, (head) => mean(seen.map(({ norms }) => norms.flat()[head]!))),
    budgets,
    lanes: Object.fromEntries(
      moments.map((when) => [
        when,
        Object.fromEntries(lanes.map((lane) => [lane, rights[when]![lane]!.map((right) => within(right, n))])),
      ]),
    ),
    sinks: {
      four: { kl: sinks.four.kl / sinks.n, right: share(sinks.four.right, sinks.n) },
      none: { kl: sinks.none.kl / sinks.n, right: share(sinks.none.right, sinks.n) },
      n: sinks.n,
    },
    keys: Object.fromEntries(Object.entries(keys).map(([spec, right]) => [spec, share(right, n)])),
  };
  const json = JSON.stringify(report, undefined, 1);
  if (values.out) writeFileSync(values.out, `${json}\n`);
  console.log(json);
});
