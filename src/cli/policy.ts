/**
 * Scores one recorded layer with one policy, so that any other implementation can be compared with this one:
 *
 *     npm run --silent policy -- --trace FILE.safetensors --policy NAME --ratio R [--set key=value ...]
 *
 * `ratio` is the fraction removed; `src/engine/eviction/trace.ts` says what a trace holds. Prints one JSON object
 * `{policy, ratio, n_kept, scores: [kv_heads][seq], kept: [kv_heads][n_kept]}` with `n_kept = trunc(seq * (1 - ratio))` and `kept` ascending.
 * JSON has no NaN and no infinity: such a score is printed as null, and NaN is kept last.
 * Whatever is wrong with the call or the file is one line on stderr, and the exit code is 2.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { policies } from '../engine/eviction/index.ts';
import { keptCount, select } from '../engine/eviction/select.ts';
import { missingTensors, traceLayer } from '../engine/eviction/trace.ts';
import type { Policy } from '../engine/eviction/types.ts';
import { readSafetensors } from '../engine/model/safetensors.ts';
import { seeded } from '../engine/random.ts';
import { parseNumber, parseSettings } from '../engine/settings.ts';

function run(args: string[]): string {
  const options = readOptions(args);
  const policy = readPolicy(options.policy);
  const ratio = readRatio(options.ratio);
  const settings = readSettings(policy, options.set);
  const trace = readSafetensors(readFileSync(options.trace));
  const missing = missingTensors(policy, (name) => trace.tensors.has(name));
  if (missing) throw new Error(missing);
  const layer = traceLayer(trace);
  const { kvHeads, seq } = layer;
  const kept = keptCount(seq, ratio);
  const scores = policy.score(layer, settings, { kept, random: seeded(0) });
  return JSON.stringify({
    policy: policy.name,
    ratio,
    n_kept: kept,
    scores: Array.from({ length: kvHeads }, (_, head) => [...scores.subarray(head * seq, (head + 1) * seq)]),
    kept: select(scores, kvHeads, seq, kept).map((positions) => [...positions]),
  });
}

function readOptions(args: string[]) {
  const string = { type: 'string' } as const;
  const options = { trace: string, policy: string, ratio: string, set: { ...string, multiple: true } } as const;
  const { trace, policy, ratio, set } = parseArgs({ args, options }).values;
  if (trace === undefined || policy === undefined || ratio === undefined) {
    throw new Error('usage: policy --trace FILE.safetensors --policy NAME --ratio R [--set key=value ...]');
  }
  return { trace, policy, ratio, set: set ?? [] };
}

function readPolicy(name: string): Policy {
  const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
  if (!policy) throw new Error(`there is no policy "${name}"; there is ${Object.keys(policies).join(', ')}`);
  return policy;
}

function readRatio(text: string): number {
  const ratio = parseNumber(text);
  if (ratio === undefined || ratio < 0 || ratio > 1)
    throw new Error(`--ratio must be a number from 0 to 1, not "${text}"`);
  return ratio;
}

function readSettings(policy: Policy, assignments: readonly string[]) {
  const pairs = assignments.map((assignment) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (key === undefined || value === undefined) throw new Error(`--set needs key=value, not "${assignment}"`);
    return [key, value] as const;
  });
  const { settings, problems } = parseSettings(policy.settings, pairs);
  if (problems.length > 0) throw new Error(`${policy.name}: ${problems.join(' ')}`);
  return settings;
}

try {
  process.stdout.write(`${run(process.argv.slice(2))}\n`);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message.replace(/\s+/g, ' ')}\n`);
  process.exitCode = 2;
}
