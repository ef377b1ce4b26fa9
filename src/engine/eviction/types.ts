import type { Member } from '../member.ts';
import type { Rope } from '../model/rope.ts';
import type { SettingTable, Settings } from '../settings.ts';

/** The tensors that a rule may ask for. The names are those of a trace file (see `src/cli/policy.ts`). */
export type TensorName =
  | 'keys' // [kvHeads, seq, headDim], after RoPE, as cached
  | 'values' // [kvHeads, seq, headDim]
  | 'keys_prerope' // [kvHeads, seq, headDim]
  | 'queries' // [heads, rows, headDim], after RoPE, of the last `rows` positions
  | 'queries_prerope' // [heads, rows, headDim]
  | 'attentions' // [heads, seq, seq], causal softmax
  | 'hidden_states' // [seq, hidden], what enters the layer's projections
  | 'output_projection' // [hidden, heads * headDim]
  | 'inv_freq' // [headDim / 2]
  | 'future_attentions' // [heads, rows, seq], what question and answer will pay under the full cache; no real method has it
  | 'repeat_attentions' // [heads, rows, seq], what the model pays while it reads the text once more
  | LearnedName;

/** What a rule learned from the model beforehand, one row for each KV head of the layer. */
export type LearnedName =
  | 'q_filters' // [kvHeads, headDim], the direction of a head's queries
  | 'query_centers' // [kvHeads, group * headDim * 3 / 2], where the queries of each head point before RoPE, and how long they are
  | 'attention_entropy' // [kvHeads], over how many tokens a head spreads its attention, in nats
  | 'eviction_error' // [kvHeads], how much a head's output suffers when it is cut short
  | 'rule_cosines' // [kvHeads, rules], how much a head's output stays as it was when each of several rules cuts it short
  | 'span_attention' // [kvHeads, group], what each query head pays to the passage that answers
  | 'head_scores'; // [kvHeads], how far back a head looks, from 0 to 1

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * One layer of a cache as a rule sees it. Heads may hold different numbers of entries, in ascending order of their tokens; what is asked for is computed
 * then, and no earlier.
 */
export interface LayerView {
  readonly layer: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** How this layer turns queries and keys by their positions. */
  readonly rope: Rope;
  /** Tokens read so far: what a head holds that never dropped one. */
  readonly seq: number;
  /** Entries of each KV head. The newest tokens read may have no entry: they look at the others, and cannot be kept. */
  readonly counts: readonly number[];
  /** [count] ascending: which token of the text each entry is */
  tokens(kvHead: number): Int32Array;
  /** [count, headDim], after RoPE. Rows of keys, values and queries belong to the view: whoever gets them leaves them as they are. */
  keys(kvHead: number): Float32Array;
  /** [count, headDim] */
  values(kvHead: number): Float32Array;
  /** [count, headDim], turned back by their positions */
  keysBeforeRope(kvHead: number): Float32Array;
  /** [rows, headDim]: what a query head asked for at the last `rows` tokens, after RoPE. @throws Error when these are not there */
  queries(head: number, rows: number): Float32Array;
  /** The same, turned back by the tokens' numbers. */
  queriesBeforeRope(head: number, rows: number): Float32Array;
  /**
   * For every query head [count]: what the last `rows` tokens paid to each entry of its KV head, added up.
   * @param weigh how much a token's look counts; once where it is missing
   * @throws Error when the queries of so many tokens are not there
   */
  attentionSums(rows: number, weigh?: (token: number) => number): readonly Float64Array[];
  /**
   * For every query head what a token paid to each entry of its KV head, as far as there are entries that it saw; whoever gets it leaves it as it is.
   * @throws Error when the query of this token is not there
   */
  attentionRow(token: number): readonly (Float32Array | Float64Array)[];
  /**
   * For every query head [to - from, count]: what each of the tokens from `from` up to `to`, which is left out, paid to each entry of its KV head; 0 to
   * entries that came later.
   * @throws Error when the queries of these tokens are not there
   */
  attentionRows(from: number, to: number): readonly Float64Array[];
  /** For each KV head [count]: how much an entry's value can move what the layer says: the L1 norm of W_O v, mean over the query heads of its group. */
  outputNorms(): readonly Float64Array[];
  /** For every KV head [count]: the most that a coming row of question or answer will pay to each entry, mean over its group. @throws Error where nobody knows */
  futurePeaks(): readonly Float64Array[];
  /** For every query head [count]: the most that a row pays to each entry while the model reads the text once more. */
  repeatPeaks(): readonly Float64Array[];
  /** [kvHeads, ...]: what was learned for this layer. @throws Error where nobody learned it */
  learned(name: LearnedName): Float32Array;
}

/** "What is it worth?" and nothing else. What it remembers from one call to the next belongs to one lane. */
export interface Scorer {
  /** Newest entries that it never gives up, for budgets that must not fall below them. */
  readonly window?: number;
  /** It carries something from one call to the next, so that its scores hold for one lane only. */
  readonly remembers?: true;
  /** A copy for a lane that was forked; without it, the rule carries nothing. */
  fork?(): Scorer;
  /**
   * @param budget entries that a head of this layer will keep, on average; it need not be whole
   * @returns for each KV head [count], higher = keep
   * @throws Error that says what is wrong when the shapes do not allow scoring
   */
  score(layer: LayerView, budget: number): Float64Array[];
}

export interface ScoreMember<T extends SettingTable = SettingTable> extends Member<T> {
  readonly role: 'score';
  /** Alternatives, best first: the rule runs when every tensor of one row is there. An empty row needs shapes alone. A wrapper adds to what is inside. */
  readonly needs: readonly (readonly TensorName[])[];
  /**
   * Products of a query and a key that it works out itself, for each query head, as a fused kernel hands out no attention. Where it is missing, `needs`
   * tells: all of them, if there is no other way, or none.
   * @param seq tokens of the prompt
   */
  products?(settings: Settings<T>, seq: number): number;
  /** Whether scores change with the budget; otherwise they are computed once for all budgets. */
  usesBudget?(settings: Settings<T>): boolean;
  /** Keeps everything, whatever the budget: such a lane may not fit, and says so. */
  readonly keepsAll?: true;
  /** The nearest settings that `seq` tokens and a budget allow, for a lane that must go on where `score` would refuse. */
  fit?(settings: Settings<T>, seq: number, budget: number): Settings<T>;
  make(settings: Settings<T>, inner: readonly Scorer[]): Scorer;
  /** What it has to learn from a model before it can run there; `npm run calibrate` lets it. */
  readonly learns?: Learning;
}

export interface Learning {
  readonly name: LearnedName;
  /**
   * @param texts one layer, as it read several texts, each with a question and the right answer behind it @param lessons where these stand
   * @returns for each KV head what it learned; all rows are of one length
   */
  from(texts: readonly LayerView[], lessons: readonly Lesson[]): readonly Float32Array[];
}

/** What a text is about that methods learn from. */
export interface Lesson {
  /** Tokens of the text; the question follows. */
  readonly text: number;
  /** The first token of the answer, and one past its last. */
  readonly answer: readonly [number, number];
  /** The first token of the sentence of the text that answers, and one past its last. */
  readonly sentence: readonly [number, number];
}

/** Keeps the settings' literal type, so that `make` sees `settings.window` as a number. */
export const defineScore = <const T extends SettingTable>(score: Omit<ScoreMember<T>, 'role'>): ScoreMember<T> => ({
  ...score,
  role: 'score',
});
