import type { Engine } from '../../engine/engine.ts';
import { parseLane } from '../../engine/lane-spec.ts';
import { seededPrompt } from '../../engine/prompt.ts';
import { defaultsOf, number, type FieldsOf } from '../fields.ts';

/** One question of the reader's, beside the many that `npm run measure` asked. */
export interface FrontierView {
  readonly seed: number;
  readonly question: number;
}

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  question: number(0, 0, 40, 1),
} as const satisfies FieldsOf<FrontierView>;

export const frontierView = defaultsOf<FrontierView>(fields);
export const asks = ['seed', 'question'] as const;

/** What public/data/measure.json was measured on. */
export const frontierLanes = [
  ...['snapkv', 'streaming-llm', 'random'],
  ...['q8_0', 'kivi(bits=4)', 'q4_0', 'kivi', 'low-rank', 'low-rank(rank=8)'],
  ...['snapkv+q8_0', 'snapkv+q4_0', 'snapkv+kivi', 'snapkv+low-rank'],
] as const;
export const frontierBudgets = [0.5, 0.25, 0.125, 0.0625] as const;
const length = 512;

export interface Asked {
  readonly question: string;
  readonly answer: string;
  /** By lane and budget, as `keyOf` names them: whether the answer is right. */
  readonly right: Readonly<Record<string, boolean>>;
}

export const keyOf = ({ lane, keep }: { readonly lane: string; readonly keep: number }) => `${lane} ${keep}`;

/** Asks all lanes at all budgets, after the cache has shrunk. */
export function* run(engine: Engine, { seed, question }: FrontierView): Generator<Asked> {
  const prepared = engine.prepare(seededPrompt(engine.model.vocabulary, seed, { length }, question, 'later'));
  const [turn] = prepared.prompt.turns;
  const known = { question: turn!.question.words.join(' '), answer: turn!.expected!.join(' ') };
  const right: Record<string, boolean> = {};
  for (const keep of frontierBudgets) {
    for (const lane of frontierLanes) {
      const [one] = engine.compare(prepared, [parseLane(lane).spec], keep);
      right[keyOf({ lane, keep })] = one!.right === true;
    }
    yield { ...known, right: { ...right } };
  }
  engine.release(prepared);
}
