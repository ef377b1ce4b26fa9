import type { Engine, LaneRun } from '../../engine/engine.ts';
import { parseLane } from '../../engine/lane-spec.ts';
import { seededPrompt } from '../../engine/prompt.ts';
import { fullBytes } from '../../engine/room.ts';
import { tasks } from '../../engine/tasks.ts';
import { number, type FieldsOf } from '../fields.ts';

/** What decides where fetching pays. */
export interface PaysView {
  /** Of the first text, and how many follow it. */
  readonly seed: number;
  readonly texts: number;
  /** Tokens of the text that may lie near, whatever its length. */
  readonly pool: number;
  /** As how many bytes that are read a byte counts that is carried from one memory to the other. */
  readonly price: number;
  /** Which of the lengths the numbers are told for. */
  readonly length: number;
}

export const lengths = [64, 128, 256, 512, 1024, 2048] as const;

/** Two that fetch whole chunks, one that fetches single records, and one that fetches nothing. */
export const lanes = ['kvflash', 'lookahead', 'records(top=8)', 'snapkv'] as const;

export const fields = {
  seed: number(4_300_000, 0, 4294967295, 1),
  texts: number(20, 1, 40, 1),
  pool: number(64, 16, 512, 16),
  price: number(16, 1, 64, 1),
  length: number(2048, 64, 2048, 1),
} as const satisfies FieldsOf<PaysView>;

export const asks = ['seed', 'texts', 'pool'] as const;

/** A lane at one length: right answers, and bytes at a word of an answer, on average. */
export interface Paid {
  readonly lane: string;
  readonly right: number;
  readonly resident: number;
  readonly host: number;
  readonly carried: number;
}

export interface Row {
  readonly length: number;
  readonly n: number;
  /** Bytes of the full cache at a word of an answer, and how many answers it has right. */
  readonly full: number;
  readonly right: number;
  readonly lanes: readonly Paid[];
}

/** What a word of an answer costs: what is read near, and what is carried for it. */
export const costOf = ({ resident, carried }: Pick<Paid, 'resident' | 'carried'>, price: number): number =>
  resident + price * carried;

interface Sums extends Paid {
  readonly words: number;
}

/** What came behind the text lies near in every lane: the question, and the words of the answer before this one. */
const behind = ({ config }: Engine['model'], asked: number, said: number) => fullBytes(config, asked + said);

function added(sums: Sums, { turns, bytes }: LaneRun, model: Engine['model'], asked: number): Sums {
  const steps = turns.flatMap((turn) => turn.steps);
  const sum = (of: (step: (typeof steps)[number], said: number) => number) =>
    steps.reduce((total, step, said) => total + of(step, said), 0);
  return {
    lane: sums.lane,
    right: sums.right + turns.filter(({ right }) => right).length,
    resident: sums.resident + sum(({ tiers }, said) => tiers?.resident ?? bytes.live + behind(model, asked, said)),
    host: sums.host + sum(({ tiers }) => tiers?.host ?? 0),
    carried: sums.carried + sum(({ tiers }) => (tiers ? tiers.movedIn + tiers.movedOut : 0)),
    words: sums.words + steps.length,
  };
}

const mean = ({ words, lane, right, ...sum }: Sums): Paid => ({
  lane,
  right,
  resident: Math.round(sum.resident / words),
  host: Math.round(sum.host / words),
  carried: Math.round(sum.carried / words),
});

function measured(engine: Engine, length: number, { seed, texts, pool }: PaysView): Row {
  const { model } = engine;
  const all = ['full', ...lanes];
  const specs = all.map((lane) => parseLane(lane).spec);
  let sums = all.map((lane): Sums => ({ lane, right: 0, resident: 0, host: 0, carried: 0, words: 0 }));
  for (let text = seed; text < seed + texts; text++) {
    const prompt = seededPrompt(model.vocabulary, text, { ...tasks.needle.options, length }, 0, 'later');
    const prepared = engine.prepare(prompt);
    const runs = engine.compare(prepared, specs, Math.min(1, pool / length));
    engine.release(prepared);
    sums = sums.map((sum, i) => added(sum, runs[i]!, model, prompt.turns[0]!.tokens.length));
  }
  const [full, ...paid] = sums.map(mean);
  return { length, n: texts, full: full!.resident, right: full!.right, lanes: paid };
}

/** One length after the other, the shortest first: the needle of tasks.ts, with the same share of facts at each. */
export function* run(engine: Engine, view: PaysView): Generator<Row[]> {
  const rows: Row[] = [];
  for (const length of lengths) {
    rows.push(measured(engine, length, view));
    yield [...rows];
  }
}
