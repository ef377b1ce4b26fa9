import type { Engine, LaneRun, Prepared } from '../../engine/engine.ts';
import { parseLane } from '../../engine/lane-spec.ts';
import { laneDamage } from '../../engine/measure/damage.ts';
import { seededPrompt } from '../../engine/prompt.ts';
import { defaultsOf, number, type FieldsOf } from '../fields.ts';

/** A text whose cache goes through each type of llama.cpp's cache, and a question about it. */
export interface CacheTypesView {
  readonly seed: number;
  readonly question: number;
}

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  question: number(0, 0, 20, 1),
} as const satisfies FieldsOf<CacheTypesView>;

export const cacheTypesView = defaultsOf<CacheTypesView>(fields);
export const asks = ['seed', 'question'] as const;

/** From most bits to fewest; f16 is the cache as it is. */
export const types = ['q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0', 'iq4_nl'] as const;

/** One type's round trip: shares of the full cache's bytes, of codes and of scales; relative errors; what becomes of the answer. */
export interface Trip {
  readonly type: 'f16' | (typeof types)[number];
  readonly codes: number;
  readonly scales: number;
  /** Rms errors of keys, of values and of what attention puts out, over their rms. */
  readonly keys: number;
  readonly values: number;
  readonly output: number;
  /** Mean KL(f16 || type) in nats over the answer's tokens. */
  readonly kl: number;
  readonly answer: string;
  readonly right: boolean;
}

export interface CacheTypes {
  readonly tokens: number;
  readonly question: string;
  readonly trips: readonly Trip[];
}

const length = 256;

/** Writes and reads back the whole cache of a text in each type, asks, and compares. */
export function* run(engine: Engine, { seed, question }: CacheTypesView): Generator<CacheTypes> {
  const prepared = engine.prepare(seededPrompt(engine.model.vocabulary, seed, { length }, question, 'later'));
  const known = { tokens: prepared.prompt.textLength, question: prepared.prompt.turns[0]!.question.words.join(' ') };
  const trips: Trip[] = [];
  for (const type of ['f16', ...types] as const) {
    trips.push(trip(engine, prepared, type));
    // There is something to compare from the second on.
    if (trips.length > 1) yield { ...known, trips: [...trips] };
  }
  engine.release(prepared);
}

function trip(engine: Engine, prepared: Prepared, type: Trip['type']): Trip {
  const { spec } = parseLane(type === 'f16' ? 'full' : type);
  const [one] = engine.compare(prepared, [spec], 1);
  const { keys, values, output } = laneDamage(prepared, spec, 1);
  return { type, ...sizes(one!), keys: short(keys), values: short(values), output: short(output), ...told(one!) };
}

const short = (x: number) => Number(x.toPrecision(3));

const sizes = ({ bytes: { keys, values, metadata, full } }: LaneRun) => ({
  codes: short((keys + values) / full),
  scales: short(metadata / full),
});

const told = ({ kl, answer, right }: LaneRun) => ({
  kl: short(Math.max(0, kl)),
  answer: answer.filter((word) => word !== '.').join(' '),
  right: right === true,
});
