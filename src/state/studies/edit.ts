import type { Engine } from '../../engine/engine.ts';
import { repairs, repairsOf, type Repair, type Repaired } from '../../engine/measure/repairs.ts';
import { changes, editedKinds, editText, type Change, type EditedKind } from '../../engine/world/edits.ts';
import { defaultsOf, number, oneOf, type FieldsOf } from '../fields.ts';
import { marksOf } from '../marks.ts';

/** What decides the picture of a corrected text. */
export interface EditView {
  readonly seed: number;
  /** The kind of fact. */
  readonly about: EditedKind;
  readonly change: Change;
  readonly repair: Repair;
  /** Positions that are computed beside the corrected one. */
  readonly k: number;
}

export const fields = {
  seed: number(1, 0, 4294967295, 1),
  about: oneOf<EditedKind>('code', editedKinds),
  change: oneOf<Change>('name', changes),
  repair: oneOf<Repair>('field', repairs),
  k: number(4, 0, 16, 1),
} as const satisfies FieldsOf<EditView>;

export const editView = defaultsOf<EditView>(fields);

export const asks = ['seed', 'about', 'change', 'k'] as const;

const length = 128;
/** Texts that are counted, of this seed and the next ones: those in which the correction decides the answer. */
export const editTexts = 20;

/** One repair: of the text that is shown, and over all texts so far. */
export interface EditRow {
  readonly answer: string;
  readonly recovery: number | undefined;
  readonly cost: number;
  /** What of each word was computed, and how far off the others are; see marks.ts. */
  readonly marks: string;
  /** Texts on which it answers as the cache that was read anew. */
  readonly same: number;
  /** Mean over the texts, of those on which the two answers begin with another word. */
  readonly meanRecovery: number;
  readonly meanCost: number;
}

export interface EditFound {
  readonly words: string;
  readonly at: number;
  readonly old: string;
  readonly question: string;
  readonly erratum: string;
  readonly texts: number;
  readonly rows: Readonly<Record<Repair, EditRow>>;
}

/** Corrects the text of the seed, tries every repair, and then does the same with the next texts. */
export function* run({ model }: Pick<Engine, 'model'>, { seed, about, change, k }: EditView): Generator<EditFound> {
  const tried = (i: number) => {
    const edit = editText(seed + i, about, change, length);
    return { edit, ...repairsOf(model, edit, k, seed + i) };
  };
  const { edit, made: own, erratum } = tried(0);
  const counted: Made[] = [];
  for (let i = 0; counted.length < editTexts; i++) {
    const made = i ? tried(i).made : own;
    if (!made.stale.same) counted.push(made);
    yield {
      words: edit.after.join(' '),
      at: edit.at,
      old: edit.before[edit.at]!,
      question: edit.question.join(' '),
      erratum: erratum.join(' '),
      texts: counted.length,
      rows: Object.fromEntries(
        repairs.map((name) => [
          name,
          rowOf(
            own[name],
            counted.map((one) => one[name]),
          ),
        ]),
      ) as EditFound['rows'],
    };
  }
}

type Made = Readonly<Record<Repair, Repaired>>;

function rowOf(own: Repaired, all: readonly Repaired[]): EditRow {
  const known = all.flatMap(({ recovery }) => recovery ?? []);
  const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / Math.max(1, numbers.length);
  return {
    answer: own.answer.join(' '),
    recovery: own.recovery === undefined ? undefined : round(own.recovery),
    cost: own.cost,
    marks: marksOf(own),
    same: all.filter(({ same }) => same).length,
    meanRecovery: round(mean(known)),
    meanCost: round(mean(all.map(({ cost }) => cost))),
  };
}

const round = (x: number) => Math.round(1000 * x) / 1000;
