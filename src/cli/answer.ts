/**
 * Lets lanes answer one question, on the same engine as the site:
 *
 *     npm run --silent answer -- --lane snapkv --lane "kivi(bits=2)" --keep 0.25 --seed 7 --length 512 --json
 *     npm run --silent answer -- --lane h2o --keep 0.1 --text notes.txt --question "What is the code for the mill?"
 *
 * Options: --lane (several; a spec), --keep (share of the full cache's bytes), --seed, --length, --kinds (comma-separated), --index (which
 * of the text's questions), --moment visible|later, --text FILE with --question, --kernels simd|plain, --logits, --json.
 *
 * JSON: {model, seed, moment, keep, tokens (ids of everything before the first answer token), compressed_at (how many of them were in the
 * cache when it was compressed; the rest were read with what was kept), text, question, expected, problems, lanes: [{lane, answer_ids,
 * answer, right, top: [step][5]{id, word, p}, logits? [step][vocabulary], kept: [layer][kv_head][ascending positions below compressed_at],
 * n_kept, fits, bytes: {live, allocated, full, keys, values, metadata, holes}, kl, agreement, attention_kept, macs: {prefill, decode}}]}.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { LaneRun } from '../engine/engine.ts';
import { plain } from '../engine/kernels/plain.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { top } from '../engine/measure/divergence.ts';
import { longestText, moments, seededPrompt, shortestText, typedPrompt, type Prompt } from '../engine/prompt.ts';
import { parseNumber } from '../engine/settings.ts';
import { kinds as allKinds, type Kind } from '../engine/world/facts.ts';
import { proseText } from '../engine/world/prose.ts';
import { defaultKinds } from '../engine/world/text.ts';
import { integerOf, main } from './fail.ts';
import { loadEngine, modelId } from './load.ts';

const options = {
  lane: { type: 'string', multiple: true, default: ['full'] as string[] },
  keep: { type: 'string', default: '0.25' },
  seed: { type: 'string', default: '7' },
  length: { type: 'string', default: '512' },
  kinds: { type: 'string', default: defaultKinds.join() },
  index: { type: 'string', default: '0' },
  moment: { type: 'string', default: 'later' },
  text: { type: 'string' },
  question: { type: 'string' },
  kernels: { type: 'string', default: 'simd' },
  logits: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

const read = (args: string[]) => parseArgs({ args, options }).values;
type Values = ReturnType<typeof read>;

function promptOf(values: Values): Prompt {
  const when = moments.find((moment) => moment === values.moment);
  if (!when) throw new Error(`--moment is visible or later, not "${values.moment}".`);
  if (values.text !== undefined) return typedPrompt(readFileSync(values.text, 'utf8'), values.question ?? '', when);
  const kinds = values.kinds.split(',').map((kind) => {
    if (!allKinds.some((known) => known === kind))
      throw new Error(`--kinds takes ${allKinds.join(', ')}; there is no "${kind}".`);
    return kind as Kind;
  });
  const length = integerOf('length', values.length, shortestText, longestText);
  return seededPrompt(
    integerOf('seed', values.seed, 0, 0xffffffff),
    { length, kinds },
    integerOf('index', values.index, 0, 9999),
    when,
  );
}

function keepOf(text: string): number {
  const keep = parseNumber(text);
  if (keep === undefined || keep < 0 || keep > 1) throw new Error(`--keep is a share from 0 to 1, not "${text}".`);
  return keep;
}

const laneJson =
  (prompt: Prompt, logits: boolean) =>
  ({ lane, steps, answer, right, kept, budget, bytes, kl, agreement, attentionKept, work }: LaneRun) => ({
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
    kept: kept.map((heads) => heads.map((positions) => [...positions])),
    n_kept: budget.kept,
    fits: budget.fits,
    bytes,
    kl,
    agreement,
    attention_kept: attentionKept,
    macs: work,
  });

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function line({ lane, answer, right, bytes, kl, attentionKept }: LaneRun): string {
  const verdict = right === undefined ? '' : right ? ' right' : ' wrong';
  return (
    `${lane.padEnd(32)} ${answer.join(' ')}${verdict}  (live ${percent(bytes.live / bytes.full)}, allocated ${percent(bytes.allocated / bytes.full)}, ` +
    `attention kept ${percent(attentionKept)}, KL ${kl.toFixed(4)})`
  );
}

await main('answer', () => {
  const values = read(process.argv.slice(2));
  const parsed = values.lane.map(parseLane);
  const problems = parsed.flatMap((lane) => lane.problems);
  if (problems.length) throw new Error(problems.join(' '));
  const prompt = promptOf(values);
  const keep = keepOf(values.keep);
  if (values.kernels !== 'simd' && values.kernels !== 'plain')
    throw new Error(`--kernels is simd or plain, not "${values.kernels}".`);
  const engine = loadEngine(values.kernels === 'plain' ? plain : undefined);
  const lanes = engine.compare(
    engine.prepare(prompt),
    parsed.map(({ spec }) => spec),
    keep,
  );
  for (const problem of prompt.problems) console.error(problem);
  if (!values.json) {
    console.log(`${proseText(prompt.question.words)}${prompt.expected ? `  (${prompt.expected.join(' ')})` : ''}`);
    for (const lane of lanes) console.log(line(lane));
    return;
  }
  console.log(
    JSON.stringify({
      model: modelId,
      seed: values.text === undefined ? Number(values.seed) : null,
      moment: values.moment,
      keep,
      tokens: prompt.tokens,
      compressed_at: prompt.compressedAt,
      text: prompt.words.slice(1, prompt.textLength).join(' '),
      question: prompt.question.words.join(' '),
      expected: prompt.expected?.join(' ') ?? null,
      problems: prompt.problems,
      lanes: lanes.map(laneJson(prompt, values.logits)),
    }),
  );
});
