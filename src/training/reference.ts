/**
 * Lets PyTorch compute what the engine's forward pass must give, for tests/engine/model/parity.test.ts:
 *
 *     npm run reference
 *
 * Run it again whenever the shipped weights or the world change. PYTHON names another interpreter with torch and numpy; without it
 * /usr/bin/python3 is tried, then python3. The numbers are worked out by reference.py, with the model of train.py.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Vocabulary } from '../engine/model/tokenizer.ts';
import { seededPrompt } from '../engine/prompt.ts';
import { kinds, type Kind } from '../engine/world/facts.ts';
import { defaultKinds } from '../engine/world/text.ts';
import { vocabulary } from '../engine/world/vocabulary.ts';

interface Case {
  readonly length: number;
  readonly kinds: readonly Kind[];
  readonly free?: number;
}

/** Lengths of the texts, before their questions. With free words, with turns, with both; the rest are plain. */
const cases: readonly Case[] = [
  { length: 32, kinds: ['code'] },
  { length: 64, kinds: ['liking'] },
  { length: 100, kinds: ['list'] },
  { length: 128, kinds: defaultKinds, free: 0.5 },
  { length: 256, kinds: defaultKinds },
  { length: 384, kinds },
  { length: 512, kinds: ['rule'], free: 1 },
  { length: 768, kinds, free: 0.3 },
  { length: 1024, kinds: defaultKinds },
];

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const town = new Vocabulary(vocabulary);

const prompts = cases.map(
  ({ length, ...options }, seed) => seededPrompt(town, seed + 1, { length, ...options }, 0, 'later').tokens,
);

const call = [
  '-B',
  path('reference.py'),
  '--weights',
  path('../../public/models/harbour/model.safetensors'),
  '--out',
  path('../../tests/golden/logits.safetensors'),
];

for (const python of process.env['PYTHON'] ? [process.env['PYTHON']] : ['/usr/bin/python3', 'python3']) {
  const { error, status } = spawnSync(python, call, {
    input: JSON.stringify(prompts),
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  process.exitCode = error ? 1 : (status ?? 1);
  if (!error) break;
  console.error(`reference: ${python} could not be started: ${error.message}`);
}
