import { encodeRange } from '../../engine/cache/encode.ts';
import { KVCache } from '../../engine/cache/kv-cache.ts';
import type { Engine } from '../../engine/engine.ts';
import { parseLane } from '../../engine/lane-spec.ts';
import { asking, type Asked } from '../../engine/measure/passages.ts';
import { Prefix } from '../../engine/prefix.ts';
import { seededPrompt, trainedText, type Prompt } from '../../engine/prompt.ts';
import { recordBits, recordCodec } from '../../engine/retrieval/record-codec.ts';
import { scoresOf } from '../../engine/retrieval/records.ts';
import { lookOf } from '../../engine/sight.ts';
import { tasks } from '../../engine/tasks.ts';
import { number, type FieldsOf } from '../fields.ts';

/** What decides how a head searches its records. */
export interface RecordsView {
  readonly seed: number;
  readonly question: number;
  readonly layer: number;
  readonly head: number;
  /** Bytes of a record at most. */
  readonly bytes: number;
  /** Records that are read. */
  readonly top: number;
}

/** Tokens of the text, and the newest of them, which are exact. */
export const length = 512;
export const exact = 64;

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  question: number(0, 0, 999, 1),
  layer: number(3, 0, 3, 1),
  head: number(3, 0, 3, 1),
  bytes: number(12, 12, 72, 4),
  top: number(8, 1, 32, 1),
} as const satisfies FieldsOf<RecordsView>;

export const asks = Object.keys(fields) as (keyof RecordsView)[];

/** Records that are told of: those that score highest, and what is read instead of them. */
export const told = 12;

/** One record as the query sees it. */
export interface Searched {
  readonly token: number;
  readonly word: string;
  /** What the key scores with the best query of the group, and what is given back by its record. */
  readonly truth: number;
  readonly recovered: number;
  readonly read: boolean;
  /** Share of the head's attention that it would get, of all that goes to records. */
  readonly paid: number;
}

/** A text of some length, and what lanes answer. */
export interface Answered {
  readonly length: number;
  readonly question: string;
  readonly expected: string;
  readonly answers: readonly { readonly lane: string; readonly answer: string; readonly right: boolean }[];
}

export interface Found {
  readonly question: string;
  readonly questions: number;
  readonly records: number;
  readonly bits: number;
  /** The records that score highest, and those that are read; by true score. */
  readonly searched: readonly Searched[];
  /** Of the records that score highest, as many as are read: how many are; and the share of the attention to records that falls on what is read. */
  readonly hit: number;
  readonly attention: number;
  /** The key of one of them: its numbers, what is given back, and the code of each. */
  readonly key: {
    readonly word: string;
    readonly token: number;
    readonly truth: number[];
    readonly recovered: number[];
    readonly codes: number[];
  };
  readonly beyond: readonly Answered[];
}

/** What is asked at each length: the full cache, records where they stood, and records in new positions. */
export const lanes = ['full', 'records', `records(span=${trainedText})`] as const;
const lengths = [1024, 2048, 4096];
/** Share of the full cache that may lie near there. */
const keep = 0.125;

const short = (x: number) => Number(x.toFixed(3));

/** A word; a full stop with the word before it, as there are many. */
const named = (words: readonly string[], token: number) =>
  words[token] === '.' ? `${words[token - 1]!}.` : words[token]!;

/** What a head's search finds in the text behind which a question was read. */
function searched(
  text: KVCache,
  asked: Asked,
  words: readonly string[],
  { layer, head: kvHead, bytes, top }: RecordsView,
) {
  const { model, queries, to } = asked;
  const { kvHeads, heads, headDim } = model.config;
  const head = layer * kvHeads + kvHead;
  const group = heads / kvHeads;
  const filed = length - exact;
  const bits = recordBits(bytes, headDim);
  const query = model.kernels.heap
    .floats(queries.at(layer, to - 1) + kvHead * group * headDim, group * headDim)
    .slice();
  const looks = lookOf(model, asked.cache, queries, head, to - 1, to).subarray(0, filed);
  const truth = scoresOf(text, head, query, filed);
  const keyOf = (cache: KVCache, token: number) => [...cache.store.key(cache.row(head, token))].map(short);

  const written = new KVCache(model.store);
  written.fork(text);
  encodeRange(
    written,
    recordCodec(bits),
    layer,
    Array.from({ length: kvHeads }, () => filed),
  );
  const recovered = scoresOf(written, head, query, filed);
  const best = (scores: Float64Array, count: number) =>
    [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || b - a).slice(0, count);
  const read = new Set(best(recovered, top));
  const wanted = best(truth, top);
  const all = looks.reduce((a, b) => a + b, 0);
  const shown = [...new Set([...best(truth, told), ...read])].sort((a, b) => truth[b]! - truth[a]! || b - a);
  const token = wanted.find((one) => one > 0) ?? 0;
  const row = text.store.key(text.row(head, token)).slice();
  const { parts } = recordCodec(bits).encode(row, 'keys', { layer, layers: model.config.layers, kvHead, headDim });
  const found = {
    records: filed,
    bits,
    searched: shown.map((one) => ({
      token: one,
      word: named(words, one),
      truth: short(truth[one]!),
      recovered: short(recovered[one]!),
      read: read.has(one),
      paid: short(looks[one]! / all),
    })),
    hit: wanted.filter((one) => read.has(one)).length,
    attention: short([...read].reduce((sum, one) => sum + looks[one]!, 0) / all),
    key: {
      token,
      word: named(words, token),
      truth: keyOf(text, token),
      recovered: keyOf(written, token),
      codes: Array.from((parts()['codes'] ?? parts()['signs'])!.numbers, Number),
    },
  };
  written.release();
  return found;
}

const promptOf = ({ model }: Pick<Engine, 'model'>, seed: number, tokens: number, question: number): Prompt =>
  seededPrompt(
    model.vocabulary,
    seed,
    { ...tasks.needle.options, length: tokens, density: (tasks.needle.options.density! * length) / tokens },
    question,
    'later',
  );

function answered(engine: Engine, seed: number, tokens: number): Answered {
  const prompt = promptOf(engine, seed, tokens, 0);
  const prepared = engine.prepare(prompt);
  const runs = engine.compare(
    prepared,
    lanes.map((lane) => parseLane(lane).spec),
    keep,
  );
  engine.release(prepared);
  return {
    length: tokens,
    question: prompt.turns[0]!.question.words.join(' '),
    expected: prompt.turns[0]!.expected!.join(' '),
    answers: runs.map(({ answer, right }, i) => ({ lane: lanes[i]!, answer: answer.join(' '), right: right! })),
  };
}

/** A head searches the records of one text; then texts are read that are longer than any that the model was trained on. */
export function* run(engine: Engine, view: RecordsView): Generator<Found> {
  const prompt = promptOf(engine, view.seed, length, view.question);
  const { question, tokens } = prompt.turns[0]!;
  const prefix = new Prefix(engine.model, { ...prompt, compressedAt: length, judgedAt: length });
  const search = asking(prefix, tokens, (asked) => searched(prefix.cache, asked, prompt.words, view));
  prefix.release();
  const found = { question: question.words.join(' '), questions: prompt.questions, ...search };
  const beyond: Answered[] = [];
  yield { ...found, beyond: [] };
  for (const tokens of lengths) {
    beyond.push(answered(engine, view.seed, tokens));
    yield { ...found, beyond: [...beyond] };
  }
}
