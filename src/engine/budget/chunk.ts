import { PartView } from '../eviction/part-view.ts';
import { best } from '../eviction/select.ts';
import type { LayerView, Scorer } from '../eviction/types.ts';
import { shareOf } from './share-of.ts';
import { defineBudget } from './types.ts';
import { unpromised } from './unpromised.ts';

/**
 * Every piece of the text gets its share: the rule inside sees one piece at a time, as if there were no other, and chooses within it.
 * After FINCH, "FINCH: Prompt-guided Key-Value Cache Compression" (TACL 2024); as kvpress ChunkPress.
 *
 *     each head, each piece of `length` entries: its max(1, trunc(entries * share)) best, where the share is budget / count
 *
 * Ours: 64 entries a piece, as texts here are short (kvpress has 1024). In a lane a piece is long enough that one entry of each fits into the budget.
 */
export const chunk = defineBudget({
  name: 'chunk',
  caption: { name: 'piece by piece', idea: 'every piece of the text gets its share' },
  source: 'TACL 2024, FINCH; as kvpress ChunkPress',
  settings: {
    length: { kind: 'number', default: 64, min: 1, max: 4096, step: 1, about: 'Tokens that are judged together.' },
  },
  wraps: [{ role: 'score', default: 'snapkv' }],
  fit: ({ length }, seq, budget) => ({ length: Math.max(length, Math.ceil(seq / Math.max(1, Math.trunc(budget)))) }),
  make: ({ length }, scorer) => ({
    scorer: unpromised(scorer),
    select: (_scores, budgets, layers) =>
      layers.map((layer, at) => pieceByPiece(layer, scorer, budgets[at]!, Math.trunc(length))),
  }),
});

function pieceByPiece(layer: LayerView, scorer: Scorer, budget: number, length: number): Int32Array[] {
  const count = Math.max(...layer.counts);
  const kept: number[][] = layer.counts.map(() => []);
  if (budget <= 0) return kept.map((entries) => Int32Array.from(entries));
  const share = shareOf(budget, count);
  for (let start = 0; start < count; start += length) {
    const size = Math.min(length, count - start);
    const { entries, view } = pieceOf(layer, start, start + size);
    scorer.score(view, size * share).forEach((row, kvHead) => {
      const room = Math.min(row.length, Math.max(1, Math.trunc(size * share)));
      for (const at of best(row, room)) kept[kvHead]!.push(entries[kvHead]![at]!);
    });
  }
  return kept.map((entries) => Int32Array.from(entries));
}

function pieceOf(layer: LayerView, start: number, end: number) {
  const entries = layer.counts.map((count) =>
    Int32Array.from({ length: Math.max(0, Math.min(end, count) - start) }, (_, i) => start + i),
  );
  return { entries, view: new PartView(layer, entries, endOf(layer, end)) };
}

/** The token before which a text ends that has the first `end` entries only: nothing is cut off behind the last of them. */
export function endOf(layer: LayerView, end: number): number {
  if (layer.counts.every((count) => count <= end)) return layer.seq;
  return 1 + Math.max(...layer.counts.map((count, kvHead) => layer.tokens(kvHead)[Math.min(end, count) - 1] ?? -1));
}
