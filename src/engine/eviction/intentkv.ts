import { newerThan } from './newer-than.ts';
import { protect } from './protect.ts';
import { defineScore, type LayerView, type Scorer } from './types.ts';
import { dot, meanRow, softmax, unitRows } from './vectors.ts';

/** A turn of a conversation, as one layer saw it: its last token and one, and for each query head the direction of its mean query. */
interface Turn {
  readonly end: number;
  readonly directions: readonly Float64Array[];
}

/**
 * IntentKV keeps what the queries of all turns so far point to, the older ones ever less.
 * Based on "IntentKV: Cross-Turn Intent-Aware KV Cache Pruning for Agent Inference" (arXiv 2606.09916), without its trained correction.
 *
 *     M_t[h'] = e^-decay M_{t-1}[h'] + u        u: the mean query of the turn, after RoPE, brought to length one
 *     s[j] = sum over the query heads h' of softmax over the history of (M_t[h'] . K[h, j] / sqrt(headDim))
 *     s[j] = the highest and one more        for the first `sinks` and the last `span` tokens, which are not part of the history
 *
 * A turn is what was read since the rule was last asked, and at first the last `span` tokens. All heads of a layer keep the same tokens; one set for all
 * layers, as in the paper, is `one-set(intentkv)`. Deviations: the paper protects the system prompt and the latest message, whose places a lane does not know;
 * a window leaves at least half of the budget to the rule. Whether the mean or the memory is brought to length one is not quite clear from the source.
 */
export const intentkv = defineScore({
  name: 'intentkv',
  caption: { name: 'IntentKV', idea: 'what the questions so far point to' },
  source: 'arXiv 2606.09916, its rule',
  settings: {
    decay: {
      kind: 'number',
      default: 0.5,
      min: 0,
      max: 8,
      step: 0.1,
      about: 'How fast older turns are forgotten: each counts e to the minus this of the next.',
    },
    span: {
      kind: 'number',
      default: 16,
      min: 1,
      max: 256,
      step: 1,
      about: 'Last tokens that ask first and always stay.',
    },
    sinks: { kind: 'number', default: 1, min: 0, max: 64, step: 1, about: 'First tokens that always stay.' },
  },
  needs: [['keys', 'queries']],
  usesBudget: () => true,
  make: (settings) => remembering(settings, new Map()),
});

interface Shape {
  readonly decay: number;
  readonly span: number;
  readonly sinks: number;
}

/** @param turns by layer, oldest first; lists are replaced and never changed, so that a fork may share them */
function remembering({ decay, span, sinks }: Shape, turns: Map<number, readonly Turn[]>): Scorer {
  return {
    window: span,
    remembers: true,
    fork: () => remembering({ decay, span, sinks }, new Map(turns)),
    score(layer, budget) {
      const known = withThisTurn(layer, turns.get(layer.layer) ?? [], span);
      turns.set(layer.layer, known);
      const window = Math.min(span, Math.max(1, Math.trunc(budget / 2)), layer.seq - 1);
      const first = Math.min(sinks, Math.max(0, Math.trunc(budget) - window));
      const inside = layer.counts.map((_, kvHead) => newerThan(layer.tokens(kvHead), layer.seq - window));
      const memory = memoryOf(
        known.filter(({ end }) => end <= layer.seq),
        decay,
      );
      const byToken = votesOf(layer, memory, first, inside);
      const scores = layer.counts.map((_, kvHead) =>
        Float64Array.from(layer.tokens(kvHead), (token) => byToken[token]!),
      );
      return protect(scores, first, inside);
    },
  };
}

/** The turns with the one that ends here. Asked twice about one moment, nothing is counted twice. */
function withThisTurn(layer: LayerView, known: readonly Turn[], span: number): readonly Turn[] {
  const { seq: end, heads, headDim } = layer;
  if (known.some((turn) => turn.end === end)) return known;
  const before = known.findLast((turn) => turn.end < end)?.end ?? Math.max(0, end - span);
  const directions = Array.from({ length: heads }, (_, head) =>
    unitRows(meanRow(layer.queries(head, end - before), headDim), headDim),
  );
  return [...known, { end, directions }].sort((a, b) => a.end - b.end);
}

/** For each query head the turns' directions added up, each counting less than the next. @returns [heads][headDim] */
function memoryOf(turns: readonly Turn[], decay: number): Float64Array[] {
  return turns[0]!.directions.map((_, head) => {
    const memory = new Float64Array(turns[0]!.directions[head]!.length);
    for (const { directions } of turns) {
      directions[head]!.forEach((x, c) => (memory[c] = Math.exp(-decay) * memory[c]! + x));
    }
    return memory;
  });
}

/**
 * What all query heads together give to each token of the history.
 * @param first entries of each head that come before the history, `inside` of each KV head those behind it @returns [seq]
 */
function votesOf(
  layer: LayerView,
  memory: readonly Float64Array[],
  first: number,
  inside: readonly number[],
): Float64Array {
  const { kvHeads, heads, headDim } = layer;
  const votes = new Float64Array(layer.seq);
  for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
    const [tokens, keys] = [layer.tokens(kvHead), layer.keys(kvHead)];
    const history = tokens.subarray(first, Math.max(first, tokens.length - inside[kvHead]!));
    for (const query of memory.slice((kvHead * heads) / kvHeads, ((kvHead + 1) * heads) / kvHeads)) {
      const logits = Float64Array.from(
        history,
        (_, j) => dot(query, 0, keys, (first + j) * headDim, headDim) / Math.sqrt(headDim),
      );
      softmax(logits).forEach((share, j) => (votes[history[j]!]! += share));
    }
  }
  return votes;
}
