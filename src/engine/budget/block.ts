import { PartView } from '../eviction/part-view.ts';
import { best } from '../eviction/select.ts';
import type { LayerView, Scorer } from '../eviction/types.ts';
import { endOf } from './chunk.ts';
import { defineBudget } from './types.ts';
import { unpromised } from './unpromised.ts';

/**
 * As if the prompt came block by block and memory never held more than the budget and one block: what was kept so far competes with the next block, and
 * what loses is gone for good.
 * After "KeyDiff: Key Similarity-Based KV Cache Eviction" (arXiv 2504.15364); as kvpress BlockPress.
 *
 *     kept = the first trunc(budget) entries        for each block of `size` entries behind them: kept = the trunc(budget) best of kept and block
 *
 * The rule inside sees what is kept and the block, in the order of the text; kvpress shows it the kept ones by descending score, which matters to rules
 * that go by place. Keys and values are those of one pass over the whole prompt, here as there: nothing was read with less.
 * Ours: blocks of 16, as texts here are short (kvpress has 128).
 */
export const block = defineBudget({
  name: 'block',
  caption: { name: 'block by block', idea: 'the best so far compete with the next block' },
  source: 'arXiv 2504.15364; as kvpress BlockPress',
  settings: {
    size: { kind: 'number', default: 16, min: 1, max: 1024, step: 1, about: 'Tokens that come in at a time.' },
  },
  wraps: [{ role: 'score', default: 'knorm' }],
  make: ({ size }, scorer) => ({
    scorer: unpromised(scorer),
    select: (_scores, budgets, layers) =>
      layers.map((layer, at) => blockByBlock(layer, scorer, Math.trunc(budgets[at]!), size)),
  }),
});

function blockByBlock(layer: LayerView, scorer: Scorer, budget: number, size: number): Int32Array[] {
  let kept = layer.counts.map((count) => range(0, Math.min(budget, count)));
  if (budget <= 0) return kept;
  for (let start = budget; start < Math.max(...layer.counts); start += size) {
    const held = kept.map((entries, kvHead) => {
      const end = Math.min(start + size, layer.counts[kvHead]!);
      return Int32Array.from([...entries, ...range(start, end)]);
    });
    const view = new PartView(layer, held, endOf(layer, start + size));
    kept = scorer
      .score(view, budget)
      .map((row, kvHead) => best(row, Math.min(budget, row.length)).map((at) => held[kvHead]![at]!));
  }
  return kept;
}

const range = (from: number, to: number) => Int32Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
