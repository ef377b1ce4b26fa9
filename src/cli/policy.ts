/**
 * Scores a recorded layer and chooses what stays of it, so that any other implementation can be compared with this one:
 *
 *     npm run --silent policy -- --trace FILE.safetensors --policy SPEC --ratio R [--set key=value ...]
 *     npm run --silent policy -- --trace LAYER0.safetensors --trace LAYER1.safetensors ... --policy "pool(kvzip)" --ratio R
 *     npm run --silent policy -- --list --json
 *
 * SPEC is a term that scores or shares out, such as `snapkv`, `inverted(h2o)`, `adakv(knorm,safeguard=0.2)` or `pyramid(snapkv(window=8),beta=20)`; --set
 * names settings of its outermost term. `ratio` is the fraction removed; `src/engine/eviction/trace.ts` says what a trace holds. Prints one JSON object
 * `{policy, ratio, n_kept, scores: [kv_heads][seq], kept: [kv_heads][...]}`, where `policy` is SPEC at its shortest. A score alone keeps
 * `n_kept = trunc(seq * (1 - ratio))` of every head; under a budget heads may keep different numbers, and `n_kept` is their total. `kept` ascends. JSON has
 * no NaN and no infinity: such a score is printed as null, and NaN is kept last. Several files are the layers of one model in their order, whatever their
 * metadata say; then `scores` and `kept` have a row for each layer, and under a budget `n_kept` is the total over all of them.
 *
 * `--list` prints every member of every role: [{name, role, settings: {name: {default, ...}}, wraps, tensors, attention, source}], where `tensors` are
 * alternatives, and `attention` says of scores and budgets what of it they have to work out where it runs in a fused kernel (measure/score-work.ts).
 * Whatever is wrong with the call or the file is one line on stderr, and the exit code is 2.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { missingTensors, traceLayer } from '../engine/eviction/trace.ts';
import { keptCount } from '../engine/eviction/select.ts';
import type { BudgetMember } from '../engine/budget/types.ts';
import type { LayerView, ScoreMember } from '../engine/eviction/types.ts';
import { parseLane, printTerm, scoreOf, termsOf, type LaneSpec, type Term } from '../engine/lane-spec.ts';
import { ownLook } from '../engine/measure/score-work.ts';
import { memberOf, members, membersOf } from '../engine/members.ts';
import { readSafetensors } from '../engine/model/safetensors.ts';
import { makeScorer, makeSelector } from '../engine/plan.ts';
import { parseNumber, parseSettings } from '../engine/settings.ts';
import { main } from './fail.ts';

const string = { type: 'string' } as const;
const options = {
  trace: { ...string, multiple: true },
  policy: string,
  ratio: string,
  set: { ...string, multiple: true },
  list: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

function run(args: string[]): string {
  const { trace, policy, ratio, set = [], list } = parseArgs({ args, options }).values;
  if (list) return JSON.stringify(members.map(describe), undefined, 1);
  if (trace === undefined || policy === undefined || ratio === undefined) {
    throw new Error('usage: policy --trace FILE.safetensors --policy SPEC --ratio R [--set key=value ...]');
  }
  const asked = readPolicy(policy);
  return JSON.stringify({ policy: printTerm(asked), ...select(trace, withSettings(asked, set), readRatio(ratio)) });
}

function select(files: readonly string[], spec: LaneSpec, ratio: number) {
  const layers = files.map((file, layer) =>
    readLayer(file, spec, files.length > 1 ? { layer, of: files.length } : undefined),
  );
  const { seq } = layers[0]!;
  const other = layers.findIndex((layer) => layer.seq !== seq);
  if (other >= 0) throw new Error(`layer 0 has ${seq} tokens, and layer ${other} has ${layers[other]!.seq}`);
  const selector = makeSelector(spec, makeScorer(scoreOf(spec)));
  const mean = seq * (1 - ratio);
  const budgets = selector.perLayer?.(mean, layers) ?? layers.map(() => mean);
  const scores = layers.map((layer, i) => selector.scorer.score(layer, budgets[i]!));
  const kept = selector.select(scores, budgets, layers);
  const total = kept.flat().reduce((sum, { length }) => sum + length, 0);
  const listed = (rows: readonly (readonly ArrayLike<number>[])[]) =>
    rows.map((heads) => heads.map((row) => Array.from(row)));
  const all = { scores: listed(scores), kept: listed(kept) };
  return {
    ratio,
    n_kept: termsOf(spec, 'budget').length ? total : keptCount(seq, ratio),
    ...(files.length > 1 ? all : { scores: all.scores[0]!, kept: all.kept[0]! }),
  };
}

/** @param place which layer it is of how many, where the files say so by their order */
function readLayer(file: string, spec: LaneSpec, place: { layer: number; of: number } | undefined): LayerView {
  const { tensors, metadata } = readSafetensors(readFileSync(file));
  const missing = missingTensors(spec.terms.flatMap(rulesIn), (name) => tensors.has(name));
  if (missing) throw new Error(missing);
  const order = place && { layer: String(place.layer), layers: String(place.of) };
  return traceLayer({ tensors, metadata: { ...metadata, ...order } });
}

/** What a term and those inside it need of a trace; a budget may need nothing. */
const rulesIn = ({ name, terms }: Term): Pick<ScoreMember, 'name' | 'needs'>[] => {
  const { needs = [[]] } = memberOf(name) as ScoreMember | BudgetMember;
  return [{ name, needs }, ...terms.flatMap(rulesIn)];
};

function readPolicy(text: string): Term {
  const names = [...membersOf('score'), ...membersOf('budget')].map(({ name }) => name);
  const { spec, problems } = parseLane(text);
  if (problems.length) throw new Error(`${problems.join(' ')} There is ${names.join(', ')}.`);
  const [term, ...rest] = spec.terms;
  if (rest.length || !names.includes(term!.name)) {
    throw new Error(`--policy is one of ${names.join(', ')}, not "${text}"`);
  }
  return term!;
}

function withSettings(term: Term, assignments: readonly string[]): LaneSpec {
  const { settings } = memberOf(term.name)!;
  const pairs = assignments.map((assignment) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (key === undefined || value === undefined) throw new Error(`--set needs key=value, not "${assignment}"`);
    return [key, value] as const;
  });
  const set = parseSettings(settings, pairs);
  if (set.problems.length) throw new Error(`${term.name}: ${set.problems.join(' ')}`);
  const named = Object.fromEntries(pairs.map(([key]) => [key, set.settings[key]!]));
  return { terms: [{ ...term, settings: { ...term.settings, ...named } }] };
}

function readRatio(text: string): number {
  const ratio = parseNumber(text);
  if (ratio === undefined || ratio < 0 || ratio > 1)
    throw new Error(`--ratio must be a number from 0 to 1, not "${text}"`);
  return ratio;
}

const describe = (member: (typeof members)[number]) => ({
  name: member.name,
  role: member.role,
  settings: member.settings,
  wraps: member.wraps ?? [],
  tensors: 'needs' in member ? member.needs : [],
  ...(member.role === 'score' || member.role === 'budget' ? { attention: ownLook(member) } : {}),
  source: member.source,
});

await main('policy', () => {
  process.stdout.write(`${run(process.argv.slice(2))}\n`);
});
