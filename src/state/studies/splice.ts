import type { Engine } from '../../engine/engine.ts';
import { blendsOf, choices, shares, type Blended, type Choice } from '../../engine/measure/blends.ts';
import { cuts, cutText, type Cut } from '../../engine/world/cuts.ts';
import { defaultsOf, number, oneOf, type FieldsOf } from '../fields.ts';
import { marksOf } from '../marks.ts';

/** What decides the picture of a chunk that was read elsewhere. */
export interface SpliceView {
  readonly seed: number;
  readonly cut: Cut;
  /** Whether its keys are turned to their new place. */
  readonly keys: 'turned' | 'as they were';
  readonly choice: Choice;
  /** Which of the shares is computed anew. */
  readonly step: number;
}

export const fields = {
  seed: number(1, 0, 4294967295, 1),
  cut: oneOf<Cut>('fact', cuts),
  keys: oneOf<SpliceView['keys']>('turned', ['turned', 'as they were']),
  choice: oneOf<Choice>('deviation', choices),
  step: number(3, 0, shares.length - 1, 1),
} as const satisfies FieldsOf<SpliceView>;

export const spliceView = defaultsOf<SpliceView>(fields);

export const asks = ['seed', 'cut', 'keys'] as const;

const length = 128;
/** Texts that are looked at, of this seed and the next ones. */
const texts = 12;

/** One share of one choice: of the text that is shown, and over all texts so far. */
export interface SpliceCell {
  readonly answer: string;
  readonly kl: number;
  readonly computed: number;
  readonly marks: string;
  /** Texts on which it answers as the text that was read whole. */
  readonly same: number;
  readonly meanKl: number;
}

export interface SpliceFound {
  readonly words: string;
  readonly at: number;
  readonly question: string;
  /** What the text answers that was read whole. */
  readonly whole: string;
  readonly texts: number;
  /** For each choice one for each of the shares. */
  readonly cells: Readonly<Record<Choice, readonly SpliceCell[]>>;
}

/** Joins the two parts of the text of the seed, computes more and more of the second anew, and then does the same with the next texts. */
export function* run({ model }: Pick<Engine, 'model'>, { seed, cut, keys }: SpliceView): Generator<SpliceFound> {
  const text = cutText(seed, cut, length);
  const all: ReturnType<typeof blendsOf>[] = [];
  for (let i = 0; i < texts; i++) {
    all.push(blendsOf(model, i ? cutText(seed + i, cut, length) : text, keys === 'turned', seed + i));
    const cell = (choice: Choice, share: number) => cellOf(all.map(({ made }) => made[choice][share]!));
    yield {
      words: text.words.join(' '),
      at: text.at,
      question: text.question.join(' '),
      whole: all[0]!.whole.join(' '),
      texts: all.length,
      cells: Object.fromEntries(
        choices.map((choice) => [choice, shares.map((_, share) => cell(choice, share))]),
      ) as unknown as SpliceFound['cells'],
    };
  }
}

function cellOf(all: readonly Blended[]): SpliceCell {
  const [own] = all as [Blended];
  return {
    answer: own.answer.join(' '),
    kl: round(own.kl),
    computed: own.computed.length,
    marks: marksOf(own),
    same: all.filter(({ same }) => same).length,
    meanKl: round(all.reduce((sum, { kl }) => sum + kl, 0) / all.length),
  };
}

const round = (x: number) => Math.round(1000 * x) / 1000;
