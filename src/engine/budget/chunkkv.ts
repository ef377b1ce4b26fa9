import { best } from '../eviction/select.ts';
import { shareOf } from './share-of.ts';
import { unpromised } from './unpromised.ts';
import { defineBudget } from './types.ts';

/**
 * ChunkKV keeps or drops neighbouring tokens together: whole chunks stay, the same ones in every head of a layer.
 * Based on "ChunkKV: Semantic-Preserving KV Cache Compression for Efficient Long-Context LLM Inference" (arXiv 2502.00299); as kvpress ChunkKVPress.
 *
 *     S[g] = mean over the tokens j of chunk g of  sum over heads of s[h, j]        chunks of `length` entries, the last one may be shorter
 *     kept: the max(1, trunc(chunks * share)) best, where the share is budget / count; of a text shorter than one chunk the trunc(budget) best entries
 *
 * A short last chunk counts as a whole one, so that a layer may hold a few entries more than its budget; a lane then tries again with less. In a lane a
 * chunk is never longer than the budget.
 */
export const chunkkv = defineBudget({
  name: 'chunkkv',
  caption: { name: 'ChunkKV', idea: 'whole chunks, the same for all heads' },
  source: 'arXiv 2502.00299; as kvpress ChunkKVPress',
  settings: {
    length: { kind: 'number', default: 20, min: 1, max: 1024, step: 1, about: 'Tokens that stay or go together.' },
  },
  wraps: [{ role: 'score', default: 'snapkv' }],
  fit: ({ length }, _seq, budget) => ({ length: Math.max(1, Math.min(length, Math.trunc(budget))) }),
  make: ({ length }, scorer) => ({
    scorer: unpromised(scorer),
    select: (scores, budgets) => scores.map((heads, layer) => bestChunks(heads, budgets[layer]!, length)),
  }),
});

function bestChunks(heads: readonly Float64Array[], budget: number, length: number): Int32Array[] {
  const count = Math.max(...heads.map((row) => row.length));
  if (count < length || budget <= 0) {
    return heads.map((row) => best(row, Math.min(row.length, Math.trunc(budget))));
  }
  const means = new Float64Array(Math.ceil(count / length)).map((_, chunk) => meanOf(heads, chunk * length, length));
  const room = Math.trunc(means.length * shareOf(budget, count));
  const chunks = best(means, Math.min(means.length, Math.max(1, room)));
  const entries = [...chunks].flatMap((chunk) => Array.from({ length }, (_, i) => chunk * length + i));
  return heads.map((row) => Int32Array.from(entries.filter((entry) => entry < row.length)));
}

/** The mean over some entries of the scores of all heads together. */
function meanOf(heads: readonly Float64Array[], start: number, length: number): number {
  const parts = heads.map((row) => row.subarray(start, start + length));
  const sum = parts.reduce((total, part) => total + part.reduce((a, b) => a + b, 0), 0);
  return sum / Math.max(...parts.map((part) => part.length));
}
