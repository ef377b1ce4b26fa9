/**
 * Lets lanes answer one question, on the same engine as the site:
 *
 *     npm run --silent answer -- --lane snapkv --lane "kivi(bits=2)" --keep 0.25 --seed 7 --length 512 --json
 *     npm run --silent answer -- --lane "adakv(snapkv)+every(n=8)+merge" --turns 3 --reads --json
 *     npm run --silent answer -- --lane h2o --keep 0.1 --text notes.txt --question "What is the code for the mill?"
 *
 * Options: --lane (several; a spec), --keep (share of the full cache's bytes), --task (a text and questions by name: src/engine/tasks.ts), --seed, --length, --kinds (comma-separated), --facts many|few, --index (which
 * of the text's questions), --moment visible|later, --turns (questions asked one after the other), --reading whole|spliced|warm, --text FILE with
 * --question, --model DIR (a folder with config.json, tokenizer.json and model.safetensors of any Llama that is computed), --kernels simd|plain, --logits,
 * --reads, --causes, --json.
 *
 * JSON: {model, seed, moment, reading, keep, tokens (ids of everything before the first answer token), compressed_at (how many of them were in the
 * cache when it was compressed; the rest were read with what was kept), reused, spliced (tokens of the prompt that were not read in their place), text,
 * question, expected, problems, lanes: [{lane, answer_ids, answer, right, top: [step][5]{id, word, p}, logits? [step][vocabulary], read? [step]
 * [layer][kv_head][ascending positions that were read for this token], tiers? [step]{resident, host, moved_in, moved_out (bytes; moves since the step
 * before), recall} of a lane with two memories, kept: [layer][kv_head][ascending positions below compressed_at that the lane
 * holds], n_kept (of a head, on average), fits, bytes: {live, allocated, host, full, keys, values, metadata, holes}, kl, agreement, attention_kept,
 * macs: {prefill, decode}, causes? [{position, word, loss (nats)}], turns: [{question, expected, answer, right, same_as_full}]}]}. What is said of the answer is said of the last turn.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { toEnd } from '../engine/causes.ts';
import type { Engine, LaneRun, Prepared, Step } from '../engine/engine.ts';
import { plain } from '../engine/kernels/plain.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { top } from '../engine/measure/divergence.ts';
import type { Config } from '../engine/model/config.ts';
import type { Vocabulary } from '../engine/model/tokenizer.ts';
import {
  longestText,
  moments,
  readings,
  seededPrompt,
  shortestText,
  typedPrompt,
  type Prompt,
} from '../engine/prompt.ts';
import { parseNumber } from '../engine/settings.ts';
import { taskNames, tasks } from '../engine/tasks.ts';
import { kinds as allKinds, type Kind } from '../engine/world/facts.ts';
import { proseText } from '../engine/world/prose.ts';
import { defaultKinds } from '../engine/world/text.ts';
import { densityOf, integerOf, main, oneOf } from './fail.ts';
import { loadEngine } from './load.ts';

const options = {
  lane: { type: 'string', multiple: true, default: ['full'] as string[] },
  keep: { type: 'string', default: '0.25' },
  seed: { type: 'string', default: '7' },
  length: { type: 'string', default: '512' },
  kinds: { type: 'string', default: defaultKinds.join() },
  facts: { type: 'string', default: 'many' },
  index: { type: 'string', default: '0' },
  moment: { type: 'string', default: 'later' },
  turns: { type: 'string', default: '1' },
  task: { type: 'string' },
  reading: { type: 'string', default: 'whole' },
  reads: { type: 'boolean', default: false },
  model: { type: 'string' },
  text: { type: 'string' },
  question: { type: 'string' },
  kernels: { type: 'string', default: 'simd' },
  logits: { type: 'boolean', default: false },
  causes: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

const read = (args: string[]) => parseArgs({ args, options }).values;
type Values = ReturnType<typeof read>;

function promptOf(values: Values, vocabulary: Vocabulary): Prompt {
  const when = oneOf('moment', moments, values.moment);
  const reading = oneOf('reading', readings, values.reading);
  if (values.text !== undefined) {
    return typedPrompt(vocabulary, readFileSync(values.text, 'utf8'), values.question ?? '', when, reading);
  }
  const seed = integerOf('seed', values.seed, 0, 0xffffffff);
  const index = integerOf('index', values.index, 0, 9999);
  if (values.task !== undefined) {
    const task = tasks[oneOf('task', taskNames, values.task)];
    return seededPrompt(vocabulary, seed, { ...task.options, reading }, index, when);
  }
  const kinds = values.kinds.split(',').map((kind) => {
    if (!allKinds.some((known) => known === kind))
      throw new Error(`--kinds takes ${allKinds.join(', ')}; there is no "${kind}".`);
    return kind as Kind;
  });
  const length = integerOf('length', values.length, shortestText, longestText);
  return seededPrompt(
    vocabulary,
    seed,
    { length, kinds, density: densityOf(values.facts), reading, turns: integerOf('turns', values.turns, 1, 9) },
    index,
    when,
  );
}

function keepOf(text: string): number {
  const keep = parseNumber(text);
  if (keep === undefined || keep < 0 || keep > 1) throw new Error(`--keep is a share from 0 to 1, not "${text}".`);
  return keep;
}

const laneJson =
  (prompt: Prompt, { layers, kvHeads }: Config, { logits, reads }: Pick<Values, 'logits' | 'reads'>) =>
  ({ lane, steps, answer, right, kept, budget, bytes, kl, agreement, attentionKept, work, turns }: LaneRun) => ({
    lane,
    answer_ids: steps.map(({ token }) => token),
    answer: answer.join(' '),
    right: right ?? null,
    top: steps.map((step) =>
      top(step.logits, 5).map(({ id, probability }) => ({
        id,
        word: prompt.tokenizer.decode([id])[0],
        p: probability,
      })),
    ),
    ...(logits ? { logits: steps.map((step) => [...step.logits]) } : {}),
    ...(reads ? { read: steps.map(({ looked }) => readBy(looked!, layers, kvHeads)) } : {}),
    ...(reads && steps.some(({ tiers }) => tiers) ? { tiers: steps.map(({ tiers }) => tiersJson(tiers!)) } : {}),
    kept: kept.map((heads) => heads.map((positions) => [...positions])),
    n_kept: budget.kept,
    fits: budget.fits,
    bytes,
    kl,
    agreement,
    attention_kept: attentionKept,
    macs: work,
    turns: turns.map((turn, i) => ({
      question: prompt.turns[i]!.question.words.join(' '),
      expected: prompt.turns[i]!.expected?.join(' ') ?? null,
      answer: turn.answer.join(' '),
      right: turn.right ?? null,
      same_as_full: turn.sameAsFull,
    })),
  });

const causesJson = (engine: Engine, prepared: Prepared, run: LaneRun, keep: number) =>
  toEnd(engine.causes(prepared, run, keep)).map(({ position, loss }) => ({
    position,
    word: prepared.prompt.words[position]!,
    loss,
  }));

/** [layer][kv_head][ascending positions] */
const readBy = ({ read, length }: NonNullable<Step['looked']>, layers: number, kvHeads: number) =>
  Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: kvHeads }, (__, kvHead) => {
      const row = read.subarray((layer * kvHeads + kvHead) * length, (layer * kvHeads + kvHead + 1) * length);
      return [...row.keys()].filter((position) => row[position]);
    }),
  );

const tiersJson = ({ resident, host, movedIn, movedOut, recall }: NonNullable<Step['tiers']>) => ({
  resident,
  host,
  moved_in: movedIn,
  moved_out: movedOut,
  recall,
});

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function line({ lane, answer, right, bytes, kl, attentionKept }: LaneRun): string {
  const verdict = right === undefined ? '' : right ? ' right' : ' wrong';
  return (
    `${lane.padEnd(32)} ${answer.join(' ')}${verdict}  (live ${percent(bytes.live / bytes.full)}, allocated ${percent(bytes.allocated / bytes.full)}, ` +
    (bytes.host ? `with the host ${percent(bytes.host / bytes.full)}, ` : '') +
    `attention kept ${percent(attentionKept)}, KL ${kl.toFixed(4)})`
  );
}

await main('answer', () => {
  const values = read(process.argv.slice(2));
  const parsed = values.lane.map(parseLane);
  const problems = parsed.flatMap((lane) => lane.problems);
  if (problems.length) throw new Error(problems.join(' '));
  const keep = keepOf(values.keep);
  const kernels = oneOf('kernels', ['simd', 'plain'], values.kernels);
  const engine = loadEngine(kernels === 'plain' ? plain() : undefined, values.model);
  const prompt = promptOf(values, engine.model.vocabulary);
  const prepared = engine.prepare(prompt);
  const lanes = engine.compare(
    prepared,
    parsed.map(({ spec }) => spec),
    keep,
  );
  const { question, expected } = prompt.turns.at(-1)!;
  for (const problem of prompt.problems) console.error(problem);
  if (!values.json) {
    console.log(`${proseText(question.words)}${expected ? `  (${expected.join(' ')})` : ''}`);
    for (const lane of lanes) console.log(line(lane));
    return;
  }
  console.log(
    JSON.stringify({
      model: engine.model.id,
      seed: values.text === undefined ? Number(values.seed) : null,
      moment: values.moment,
      keep,
      tokens: prompt.tokens,
      compressed_at: prompt.compressedAt,
      reading: values.reading,
      reused: prepared.prefix.reused,
      spliced: prepared.prefix.spliced,
      text: prompt.words.slice(1, prompt.textLength).join(' '),
      question: question.words.join(' '),
      expected: expected?.join(' ') ?? null,
      problems: prompt.problems,
      lanes: lanes.map((run) => ({
        ...laneJson(prompt, engine.model.config, values)(run),
        ...(values.causes ? { causes: causesJson(engine, prepared, run, keep) } : {}),
      })),
    }),
  );
});
