import type { Engine } from '../../engine/engine.ts';
import { favourite, ofHeads, polykv, rules } from '../../engine/eviction/polykv.ts';
import { lessonSeed, lessonTexts, readLesson } from '../../engine/lessons.ts';
import { heldOut, heldOutSeed, Rights, type Rate } from '../../engine/measure/rights.ts';
import { moments, type When } from '../../engine/prompt.ts';
import { nearest, number, oneOf, type FieldsOf } from '../fields.ts';

export const calibrations = ['shipped', 'again'] as const;
type Calibration = (typeof calibrations)[number];

/** What decides the picture of a plan. */
export interface PlanView {
  /** Whether the plan is made of the calibration that lies beside the weights, or of one that is run now. */
  readonly calibration: Calibration;
  /** Texts that the latter reads, and the seed of the first. */
  readonly taught: number;
  readonly lessons: number;
  readonly keep: number;
  readonly moment: When;
  /** Of the texts that it is tried on. */
  readonly seed: number;
  readonly texts: number;
}

export const budgets = [0.125, 0.25, 0.5] as const;

export const fields = {
  calibration: oneOf<Calibration>('shipped', calibrations),
  taught: number(lessonTexts, 1, 100, 1),
  lessons: number(lessonSeed, lessonSeed, 7_900_000, 1),
  keep: nearest(0.25, budgets),
  moment: oneOf<When>('later', moments),
  seed: number(heldOutSeed, 8_000_000, 99_000_000, 1),
  texts: number(24, 4, 400, 1),
} as const satisfies FieldsOf<PlanView>;

export const asks = ['calibration', 'taught', 'lessons', 'moment', 'seed', 'texts'] as const;

export interface PlanFound {
  /** Names of the rules, as in lanes. */
  readonly rules: readonly string[];
  /** [layers][rules] mean cosine of a layer's output to that of the full cache, over the lessons so far. */
  readonly cosines: readonly (readonly number[])[];
  /** [layers] the rule with the largest cosine, and with the smallest. */
  readonly plan: readonly number[];
  readonly inverted: readonly number[];
  /** Lessons so far, and texts that the lanes were asked of. */
  readonly taught: number;
  readonly n: number;
  /** [budgets][rules, then the plan, then the inverted plan] */
  readonly rates: readonly (readonly Rate[])[];
}

/** Calibrates, makes a plan of it, and tries that on other texts beside each rule alone and the plan turned round. */
export function* run(engine: Engine, view: PlanView): Generator<PlanFound> {
  const names = rules.map(({ name }) => name);
  let cosines = shippedCosines(engine);
  for (let i = 0; view.calibration === 'again' && i < view.taught; i++) {
    const found = cosinesOf(engine, view.lessons + i);
    cosines = cosines.map((row, layer) => row.map((x, r) => (i * x + found[layer]![r]!) / (i + 1)));
    yield { ...planOf(cosines), rules: names, taught: i + 1, n: 0, rates: [] };
  }
  const plans = planOf(cosines);
  const taught = view.calibration === 'again' ? view.taught : lessonTexts;
  const rights = new Rights(engine, [...names, ...[plans.plan, plans.inverted].map(laneOf)], budgets);
  for (const prepared of heldOut(engine, view)) {
    rights.add(prepared);
    yield { ...plans, rules: names, taught, n: rights.n, rates: rights.rates };
  }
}

/** A plan as a lane. */
export const laneOf = (plan: readonly number[]): string => `polykv(plan=${plan.map((rule) => rule + 1).join(':')})`;

const planOf = (cosines: readonly (readonly number[])[]) => ({
  cosines: cosines.map((row) => row.map((x) => Number(x.toFixed(4)))),
  plan: cosines.map((row) => favourite(row, false)),
  inverted: cosines.map((row) => favourite(row, true)),
});

/** @returns [layers][rules] */
const shippedCosines = ({ model: { config, learned } }: Engine): number[][] =>
  Array.from({ length: config.layers }, (_, layer) => {
    const row = learned.of('rule_cosines', layer);
    return ofHeads(Array.from({ length: config.kvHeads }, (__, kvHead) => row.subarray(kvHead * rules.length)));
  });

/** @returns [layers][rules] */
function cosinesOf(engine: Engine, seed: number): number[][] {
  const { layers, lesson, release } = readLesson(engine, seed);
  const found = layers.map((layer) => ofHeads(polykv.learns!.from([layer], [lesson])));
  release();
  return found;
}
