import type { Engine, LaneRun } from '../../engine/engine.ts';
import { parseLane } from '../../engine/lane-spec.ts';
import { heldOut, heldOutSeed, Rights, type Rate } from '../../engine/measure/rights.ts';
import { moments, seededPrompt, type When } from '../../engine/prompt.ts';
import { nearest, number, oneOf, type FieldsOf } from '../fields.ts';

/** What decides the picture of heads that choose. */
export interface ChoosersView {
  /** Query heads of a layer that choose. */
  readonly heads: number;
  readonly keep: number;
  readonly moment: When;
  /** Of the text whose words are shown, and of the first that is asked. */
  readonly seed: number;
  readonly texts: number;
}

export const budgets = [0.05, 0.08, 0.125, 0.25, 0.5] as const;

export const fields = {
  heads: number(2, 1, 8, 1),
  keep: nearest(0.08, budgets),
  moment: oneOf<When>('visible', moments),
  seed: number(heldOutSeed + 6, 8_000_000, 99_000_000, 1),
  texts: number(24, 4, 400, 1),
} as const satisfies FieldsOf<ChoosersView>;

export const asks = ['heads', 'moment', 'seed', 'texts'] as const;

/** All heads choose; some do; and the same with layers that get what their error says. */
const lanesOf = (heads: number, all: number) => [
  `compresskv(heads=${all})`,
  `compresskv(heads=${heads})`,
  `layer-errors(compresskv(heads=${heads}))`,
];

/** A lane at a budget, on the text that is shown. */
export interface Chosen {
  /** A digit for each word of the text: how many layers hold it. */
  readonly layers: string;
  /** [layers] entries of a head */
  readonly entries: readonly number[];
  readonly answer: readonly string[];
  readonly right: boolean;
}

export interface Choosers {
  /** [layers][query heads] share of its attention that a head pays to the sentence that answers, as it was learned */
  readonly span: readonly (readonly number[])[];
  readonly text: {
    readonly words: readonly string[];
    readonly textLength: number;
    readonly sentence: readonly [number, number];
    readonly question: readonly string[];
    readonly capitals: readonly string[];
  };
  /** [budgets][lanes] */
  readonly chosen: readonly (readonly Chosen[])[];
  /** Texts so far. */
  readonly n: number;
  /** [budgets][lanes] */
  readonly rates: readonly (readonly Rate[])[];
}

/** Lets different heads choose on one text, which is shown, and then on many. */
export function* run(engine: Engine, view: ChoosersView): Generator<Choosers> {
  const lanes = lanesOf(view.heads, engine.model.config.heads);
  const shown = chooseIn(engine, view, lanes);
  const rights = new Rights(engine, lanes, budgets);
  for (const prepared of heldOut(engine, view)) {
    rights.add(prepared);
    yield { ...shown, n: rights.n, rates: rights.rates };
  }
}

function chooseIn(engine: Engine, { seed, moment }: ChoosersView, lanes: readonly string[]) {
  const prepared = engine.prepare(seededPrompt(engine.model.vocabulary, seed, { length: 192 }, 0, moment));
  const specs = lanes.map((lane) => parseLane(lane).spec);
  const { words, textLength, turns, capitals } = prepared.prompt;
  const { question } = turns[0]!;
  const shown = {
    span: prepared.views.map((view) => Array.from(view.learned('span_attention'), (x) => Number(x.toFixed(3)))),
    text: {
      words: words.slice(0, textLength),
      textLength,
      sentence: question.sentence!,
      question: question.words,
      capitals,
    },
    chosen: budgets.map((keep) => engine.compare(prepared, specs, keep).map((lane) => chosenBy(lane, textLength))),
  };
  engine.release(prepared);
  return shown;
}

/** All heads of a layer hold the same, so that the first one tells. */
function chosenBy({ kept, answer, right }: LaneRun, textLength: number): Chosen {
  const layers = new Array<number>(textLength).fill(0);
  for (const [tokens] of kept) for (const token of tokens!) if (token < textLength) layers[token]!++;
  return { layers: layers.join(''), entries: kept.map(([tokens]) => tokens!.length), answer, right: right! };
}
