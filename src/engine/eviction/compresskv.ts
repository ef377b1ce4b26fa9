import { attentionNeeds, newestProducts } from './needs.ts';
import { newerThan } from './newer-than.ts';
import { averagePool } from './pooling.ts';
import { defineScore, type LayerView, type Lesson } from './types.ts';

/**
 * CompressKV lets only a few heads of a layer choose, those which look at the whole passage that answers; all heads then keep the same tokens.
 * Based on "CompressKV: Semantic Retrieval Heads Know What Tokens are Not Important Before Generation" (arXiv 2508.02401).
 *
 *     r[h'] = mean over texts and the steps that say the answer of  sum over the tokens j of its sentence of A[h', step, j]        learned beforehand
 *     s[j] = mean over the `heads` query heads with the largest r of  pool of sum over the last `window` queries of A[h', i, j]
 *     s[j] = the highest and one more        for the last `window` tokens
 *
 * The pool is a mean of 5 neighbours, zero beyond the ends. A head of another KV head than those that choose takes the score of the token; of a token that
 * no chooser holds it is 0. Ours: 2 heads of 8, where the paper has 4 of 32, and the right answer is read, where the authors let the model say it and
 * count only runs that got it.
 */
export const compresskv = defineScore({
  name: 'compresskv',
  caption: { name: 'CompressKV', idea: 'what the heads that retrieve look at' },
  source: 'arXiv 2508.02401',
  settings: {
    heads: { kind: 'number', default: 2, min: 1, max: 32, step: 1, about: 'Query heads of a layer that choose.' },
    window: { kind: 'number', default: 8, min: 1, max: 256, step: 1, about: 'Last tokens that vote and always stay.' },
  },
  learns: {
    name: 'span_attention',
    from: (texts, lessons) => {
      const group = texts[0]!.heads / texts[0]!.kvHeads;
      const spans = texts.map((text, i) => spanAttention(text, lessons[i]!));
      return texts[0]!.counts.map((_, kvHead) =>
        new Float32Array(group).map((_, g) => mean(spans.map((heads) => heads[kvHead * group + g]!))),
      );
    },
  },
  needs: attentionNeeds.map((names) => [...names, 'span_attention'] as const),
  products: ({ window }, seq) => newestProducts(window, seq),
  // As elsewhere, a window leaves at least half of the budget to the rule.
  fit: ({ heads, window }, seq, budget) => ({
    heads,
    window: Math.max(1, Math.min(window, Math.trunc(budget / 2), seq - 1)),
  }),
  make: ({ heads, window }) => ({
    window,
    score(layer) {
      const byToken = choosersVotes(layer, heads, Math.min(window, layer.seq - 1));
      const top = byToken.reduce((a, b) => Math.max(a, b), 0) + 1;
      return layer.counts.map((_, kvHead) =>
        Float64Array.from(layer.tokens(kvHead), (token) => (token < layer.seq - window ? byToken[token]! : top)),
      );
    },
  }),
});

/** Of each token the mean vote of the heads that choose. @returns [seq] */
function choosersVotes(layer: LayerView, count: number, window: number): Float64Array {
  const group = layer.heads / layer.kvHeads;
  const retrieving = layer.learned('span_attention');
  const ranked = Array.from(retrieving.keys()).sort((a, b) => retrieving[b]! - retrieving[a]! || a - b);
  const chosen = ranked.slice(0, count);
  const sums = layer.attentionSums(window);
  const votes = new Float64Array(layer.seq);
  for (const head of chosen) {
    const tokens = layer.tokens(Math.floor(head / group));
    const older = tokens.length - newerThan(tokens, layer.seq - window);
    averagePool(sums[head]!.subarray(0, older), 5).forEach((vote, entry) => {
      votes[tokens[entry]!]! += vote / chosen.length;
    });
  }
  return votes;
}

/** What each query head pays to the sentence that answers, on average over the tokens behind which the answer's words come. @returns [heads] */
function spanAttention(layer: LayerView, { answer, sentence }: Lesson): number[] {
  const [from, to] = [answer[0] - 1, answer[1] - 1];
  return layer.attentionRows(from, to).map((rows) => {
    let sum = 0;
    for (let row = 0; row < to - from; row++) {
      for (let token = sentence[0]; token < sentence[1]; token++) sum += rows[row * layer.seq + token]!;
    }
    return sum / (to - from);
  });
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
