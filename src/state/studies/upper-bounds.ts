import type { Engine } from '../../engine/engine.ts';
import { asking, type Asked } from '../../engine/measure/passages.ts';
import { seededPrompt } from '../../engine/prompt.ts';
import { bound, rangeOf } from '../../engine/retrieval/quest.ts';
import { lookOf } from '../../engine/sight.ts';
import { defaultsOf, number, type FieldsOf } from '../fields.ts';

export interface BoundsView {
  readonly seed: number;
  readonly layer: number;
  readonly head: number;
  /** Tokens of a page. */
  readonly page: number;
  /** Pages that are read, those with the highest bounds. */
  readonly top: number;
  /** Which word of the answer asks. */
  readonly word: number;
  /** The page that is looked into: how many pages have a higher bound. */
  readonly place: number;
}

const length = 256;

export const fields = {
  seed: number(1, 0, 4294967295, 1),
  layer: number(3, 0, 3, 1),
  head: number(0, 0, 3, 1),
  page: number(16, 4, 64, 4),
  top: number(2, 1, 32, 1),
  word: number(0, 0, 13, 1),
  place: number(1, 0, 63, 1),
} as const satisfies FieldsOf<BoundsView>;

export const boundsView = defaultsOf<BoundsView>(fields);

export const asks = ['seed', 'layer', 'head', 'page'] as const;

/** What one word's queries find. Scores are q . k / sqrt(headDim), as softmax gets them, the largest of the query heads that share the KV head. */
export interface Asking {
  readonly word: string;
  /** Of each page what no key of it can exceed, what its best key has, and which token that is. */
  readonly bounds: readonly number[];
  readonly peaks: readonly number[];
  readonly best: readonly number[];
  /** Of the attention to the text, in thousandths, the mean of the query heads. */
  readonly paid: readonly number[];
  /**
   * Of each page and channel three numbers that each add up to the whole: what the range of the channel gives at least and at most to the query head that
   * sets the bound, and what the best key gives to it.
   */
  readonly channels: readonly string[];
}

export interface BoundsResult {
  readonly words: readonly string[];
  readonly capitals: readonly string[];
  readonly question: readonly string[];
  readonly asking: readonly Asking[];
}

/** The text is read, then its question and what the full cache answers; each word of the answer is asked for by the token before it. */
export function* run(engine: Engine, view: BoundsView): Generator<BoundsResult> {
  const { vocabulary } = engine.model;
  const prompt = seededPrompt(vocabulary, view.seed, { length, kinds: ['code', 'place', 'liking'] }, 0, 'later');
  const prepared = engine.prepare(prompt);
  const { tokens } = prompt.turns[0]!;
  const answer = prepared.full.answers[0]!.map(({ token }) => token).filter((token) => token !== prepared.script.stop);
  yield asking(prepared.prefix, [...tokens, ...answer], (asked) => {
    const keys = pagesOf(asked, view);
    const ranges = keys.map((page) => rangeOf(page, engine.model.config.headDim));
    return {
      words: prompt.words.slice(0, prompt.textLength),
      capitals: prompt.capitals,
      question: prompt.turns[0]!.question.words,
      asking: prompt.tokenizer.decode(answer).map((word, i) => ({
        word,
        ...found(asked, view, keys, ranges, prompt.compressedAt + tokens.length - 1 + i),
      })),
    };
  });
  engine.release(prepared);
}

const short = (x: number) => Number(x.toFixed(2));

/** Keys of the head by pages of the text, the last of which may be short. */
function pagesOf({ cache, from }: Asked, { layer, head, page }: BoundsView): Float32Array[][] {
  const at = layer * cache.store.config.kvHeads + head;
  return Array.from({ length: Math.ceil(from / page) }, (_, p) =>
    Array.from({ length: Math.min(page, from - p * page) }, (_, i) =>
      cache.store.key(cache.row(at, p * page + i)).slice(),
    ),
  );
}

function found(
  { model, cache, queries, from }: Asked,
  { layer, head, page }: BoundsView,
  keys: readonly Float32Array[][],
  ranges: readonly ReturnType<typeof rangeOf>[],
  token: number,
): Omit<Asking, 'word'> {
  const { kvHeads, heads, headDim } = model.config;
  const group = heads / kvHeads;
  const all = model.kernels.heap.floats(queries.at(layer, token) + head * group * headDim, group * headDim);
  const rows = Array.from({ length: group }, (_, g) =>
    all.slice(g * headDim, (g + 1) * headDim).map((x) => x / Math.sqrt(headDim)),
  );
  const bounds = ranges.map((range) => rows.map((query) => bound(query, range)));
  const scores = keys.map((some) => some.map((key) => Math.max(...rows.map((query) => dot(query, key)))));
  const looks = lookOf(model, cache, queries, layer * kvHeads + head, token, token + 1);
  const sums = keys.map((_, p) => looks.subarray(p * page, Math.min((p + 1) * page, from)).reduce((a, b) => a + b, 0));
  const text = sums.reduce((a, b) => a + b, 0);
  const best = scores.map((each) => each.indexOf(Math.max(...each)));
  return {
    bounds: bounds.map((each) => short(Math.max(...each))),
    peaks: scores.map((each) => short(Math.max(...each))),
    best: best.map((at, p) => p * page + at),
    paid: sums.map((sum) => Math.round((1000 * sum) / text)),
    channels: bounds.map((each, p) =>
      channelsOf(rows[each.indexOf(Math.max(...each))]!, ranges[p]!, keys[p]![best[p]!]!),
    ),
  };
}

const channelsOf = (query: Float32Array, { low, high }: ReturnType<typeof rangeOf>, key: Float32Array): string =>
  Array.from(query, (x, c) => {
    const ends = [x * low[c]!, x * high[c]!];
    return [Math.min(...ends), Math.max(...ends), x * key[c]!].map(short).join(' ');
  }).join(' ');

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, c) => sum + x * b[c]!, 0);

/** Pages by their bounds, the highest first; of equal ones the older, as Quest has it. */
export const byBound = ({ bounds }: Pick<Asking, 'bounds'>): number[] =>
  [...bounds.keys()].sort((a, b) => bounds[b]! - bounds[a]! || a - b);
