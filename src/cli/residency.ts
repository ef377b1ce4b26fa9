/**
 * What ways of fetching are worth: right answers, recall and traffic by task and by share of the cache that lies near.
 *
 *     npm run --silent residency -- [--texts 40] [--seed 3000000] [--tasks needle,list] [--keeps 0.5,0.25,0.125,0.0625] [--lane SPEC ...] [--every 4] [--out FILE]
 *
 * Texts are those of src/engine/tasks.ts, from seeds that training never saw; each is asked later, with nothing of the question known. JSON: {model, texts,
 * seed, every, rows: [{task, lane, keep, n (questions), right, low, high (Wilson, 95 %), recall, in, out}]}. Recall is the share of the attention that the passes
 * which said an answer wanted to pay to the text and could, averaged over the words of the answers: each such pass is one of the `every` for which its
 * chunks were chosen. `in` and `out` are bytes for each word of an answer. Where nothing has two memories, recall and traffic are null.
 */
import { parseArgs } from 'node:util';
import { mostLanes, type Engine, type LaneRun } from '../engine/engine.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { interval } from '../engine/measure/interval.ts';
import { seededPrompt } from '../engine/prompt.ts';
import { parseNumber } from '../engine/settings.ts';
import { taskNames, tasks, type TaskName } from '../engine/tasks.ts';
import { integerOf, main, oneOf, tell } from './fail.ts';
import { loadEngine, modelId } from './load.ts';

interface Sums {
  n: number;
  right: number;
  words: number;
  recall: number;
  in: number;
  out: number;
}

const standard = (every: number) => [
  'snapkv',
  ...['lru', 'qk', 'drafter', 'oracle'].map((scorer) => `kvflash(scorer=${scorer},every=${every})`),
  `lookahead(every=${every})`,
  'records(top=8)',
  'records(top=8,bytes=12)',
];

function add(sums: Sums, { turns }: LaneRun): void {
  for (const { steps, right } of turns) {
    sums.n++;
    sums.right += Number(right);
    for (const { tiers } of steps) {
      if (!tiers) continue;
      sums.words++;
      sums.recall += tiers.recall;
      sums.in += tiers.movedIn;
      sums.out += tiers.movedOut;
    }
  }
}

function rowOf({ n, right, words, recall, ...moved }: Sums) {
  const [low, high] = interval(right, n);
  const mean = (sum: number) => (words ? sum / words : null);
  return { n, right, low, high, recall: mean(recall), in: mean(moved.in), out: mean(moved.out) };
}

function measure(
  engine: Engine,
  task: TaskName,
  lanes: readonly string[],
  keeps: readonly number[],
  texts: number,
  seed: number,
) {
  const sums = keeps.map(() => lanes.map((): Sums => ({ n: 0, right: 0, words: 0, recall: 0, in: 0, out: 0 })));
  const specs = lanes.map((lane) => parseLane(lane).spec);
  for (let text = seed; text < seed + texts; text++) {
    const prepared = engine.prepare(seededPrompt(engine.model.vocabulary, text, tasks[task].options, 0, 'later'));
    keeps.forEach((keep, k) => {
      engine.compare(prepared, specs, keep).forEach((run, i) => {
        add(sums[k]![i]!, run);
      });
    });
    engine.release(prepared);
  }
  return keeps.flatMap((keep, k) => lanes.map((lane, i) => ({ task, lane, keep, ...rowOf(sums[k]![i]!) })));
}

await main('residency', () => {
  const { values } = parseArgs({
    options: {
      texts: { type: 'string', default: '40' },
      seed: { type: 'string', default: '3000000' },
      tasks: { type: 'string', default: taskNames.join() },
      keeps: { type: 'string', default: '0.5,0.25,0.125,0.0625' },
      lane: { type: 'string', multiple: true },
      every: { type: 'string', default: '4' },
      out: { type: 'string' },
    },
  });
  const texts = integerOf('texts', values.texts, 1, 10_000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const every = integerOf('every', values.every, 1, 64);
  const lanes = values.lane ?? standard(every);
  if (lanes.length > mostLanes) throw new Error(`There are at most ${mostLanes} lanes.`);
  const problems = lanes.flatMap((lane) => parseLane(lane).problems);
  if (problems.length) throw new Error(problems.join(' '));
  const keeps = values.keeps.split(',').map((text) => {
    const keep = parseNumber(text);
    if (keep === undefined || keep < 0 || keep > 1) throw new Error(`--keeps takes shares from 0 to 1, not "${text}".`);
    return keep;
  });
  const engine = loadEngine();
  const rows = values.tasks
    .split(',')
    .flatMap((name) => measure(engine, oneOf('tasks', taskNames, name), lanes, keeps, texts, seed));
  const report = { model: modelId, texts, seed, every, rows };
  tell(report, values.out);
});
