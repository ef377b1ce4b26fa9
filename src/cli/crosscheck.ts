/**
 * Lets other people's code do what the engine does, on the same weights, and compares: `transformers` loads the model's folder and answers, and
 * `kvpress` chooses what to keep.
 *
 *     npm run --silent crosscheck -- [--prompts 100] [--seed 5000000] [--model DIR] [--out public/data/crosscheck.json]
 *
 * Needs a Python (PYTHON, else python3) with the packages torch, transformers and kvpress; nothing else in this project does. The prompts are texts of
 * 128, 512 and 1,024 tokens in turn, from seeds that training never saw; every fourth has words outside the vocabulary, every fifth a conversation. A lane
 * here keeps what a press there is to keep: both compress the text alone, before its question is asked, to the same number of entries.
 *
 * Prints JSON {date, model, weights_sha256, seed, lengths, keep, versions, logits: {prompts, tokens, worst, limit}, greedy: {prompts, equal},
 * tokenizer: {prompts, encoded, decoded, unknown: {prompts, equal}}, presses: [{name, spec, sets, equal, ties, unequal}]}; src/training/crosscheck.py and
 * presses.py say what each number counts. The exit code is 1 when anything disagrees.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Engine } from '../engine/engine.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { longestAnswer } from '../engine/live.ts';
import { seededPrompt, type Prompt } from '../engine/prompt.ts';
import { kinds } from '../engine/world/facts.ts';
import { proseText } from '../engine/world/prose.ts';
import { defaultKinds } from '../engine/world/text.ts';
import { agree, type Crosscheck, type Findings } from '../training/crosscheck.ts';
import { presses } from '../training/presses.ts';
import { integerOf, main, tell } from './fail.ts';
import { folderOf, modelFile, weightsHash } from './load.ts';

const lengths = [128, 512, 1024] as const;
/** Shares of the text that stay. They are exact in binary, so that both sides cut the same product. */
const keep = [0.5, 0.25] as const;

const promptOf = ({ model: { vocabulary } }: Engine, seed: number, i: number): Prompt =>
  seededPrompt(
    vocabulary,
    seed + i,
    {
      length: lengths[i % lengths.length]!,
      kinds: i % 5 === 4 ? kinds : defaultKinds,
      free: i % 4 === 3 ? 0.5 : 0,
    },
    i,
    'later',
  );

/** What the engine makes of a prompt. `kept` is [lane][budget][layer][kv_head][entries]. */
function caseOf(engine: Engine, prompt: Prompt) {
  const { vocabulary } = engine.model;
  const prepared = engine.prepare(prompt);
  const [steps] = prepared.full.answers;
  const kept = presses.map(({ spec }) =>
    keep.map((share) => {
      const [run] = engine.compare(prepared, [parseLane(spec).spec], share);
      return run!.kept.map((heads) => heads.map((entries) => [...entries]));
    }),
  );
  engine.release(prepared);
  // Nothing in a tokenizer's file can bind a new word to a free token, so the text goes there twice: with the tokens' own names, and as it is written.
  const named = prompt.tokens.map((id) => vocabulary.words[id]!);
  return {
    tokens: prompt.tokens,
    text: prompt.compressedAt,
    written: proseText(prompt.words),
    named: proseText(named),
    answer: steps!.map(({ token }) => token),
    logits: steps!.map(({ logits }) => [...logits]),
    kept,
  };
}

function askPython(input: object): Findings {
  const script = fileURLToPath(new URL('../training/crosscheck.py', import.meta.url));
  const { error, status, stdout } = spawnSync(process.env['PYTHON'] ?? 'python3', ['-B', script], {
    input: JSON.stringify(input),
    stdio: ['pipe', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new Error('Python could not compare; what it said stands above.');
  return JSON.parse(stdout) as Findings;
}

await main('crosscheck', () => {
  const { values } = parseArgs({
    options: {
      prompts: { type: 'string', default: '100' },
      seed: { type: 'string', default: '5000000' },
      model: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const count = integerOf('prompts', values.prompts, 1, 1000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const file = modelFile(values.model);
  const engine = new Engine(file);
  const cases = Array.from({ length: count }, (_, i) => caseOf(engine, promptOf(engine, seed, i)));
  const folder = fileURLToPath(folderOf(values.model));
  const report: Crosscheck = {
    date: new Date().toISOString().slice(0, 10),
    model: file.id,
    weights_sha256: weightsHash(values.model),
    seed,
    lengths,
    keep,
    ...askPython({ folder, longest: longestAnswer, free: engine.model.vocabulary.free, keep, presses, cases }),
  };
  tell(report, values.out);
  if (!agree(report)) process.exitCode = 1;
});
