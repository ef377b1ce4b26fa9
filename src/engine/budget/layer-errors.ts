import { cutOutputs, type Outputs } from '../eviction/cut-outputs.ts';
import { PartView } from '../eviction/part-view.ts';
import { best } from '../eviction/select.ts';
import { snapkv } from '../eviction/snapkv.ts';
import type { LayerView, Lesson } from '../eviction/types.ts';
import { evenInLayers } from './even-in-layers.ts';
import { least, spread } from './spread.ts';
import { defineBudget } from './types.ts';

/** Entries of a text that SnapKV leaves to a head, and tokens that vote for them, where the error of a cut is measured. */
const [left, voting] = [16, 8];

/**
 * Layers get what their error says: those whose output suffers most when they are cut short, measured beforehand on other texts, keep more.
 * Based on the layer budgets of "CompressKV: Semantic Retrieval Heads Know What Tokens are Not Important Before Generation" (arXiv 2508.02401).
 *
 *     e_l = mean over the tokens t of question and answer, and KV heads, of ||O_cut(t) - O(t)||_2 / ||O(t)||_2, on texts of which each head keeps 16 entries
 *     n_l = m + L (budget - m) e_l / sum of e        no more than `most` budgets, nor than there is
 *
 * O is the output of attention before the output matrix. What is above goes to the other layers in equal parts; the authors hand it out greedily. Ours: 16
 * entries by SnapKV, where the paper has 32 and its own choice, and 4 entries in any case, where it has 32.
 */
export const layerErrors = defineBudget({
  name: 'layer-errors',
  caption: { name: 'by measured error', idea: 'more for layers that suffer from cuts' },
  source: 'arXiv 2508.02401, its layer budgets',
  settings: {
    least,
    most: { kind: 'number', default: 3, min: 1, max: 10, step: 0.5, about: 'Even budgets that a layer gets at most.' },
  },
  needs: [['eviction_error']],
  learns: {
    name: 'eviction_error',
    from: (texts, lessons) => {
      const errors = texts.map((text, i) => errorsOf(text, lessons[i]!));
      return texts[0]!.counts.map((_, kvHead) =>
        Float32Array.of(errors.reduce((sum, heads) => sum + heads[kvHead]!, 0) / errors.length),
      );
    },
  },
  wraps: [{ role: 'score', default: 'snapkv' }],
  make: ({ least, most }, scorer) => ({
    scorer,
    perLayer: (budget, layers) => {
      const errors = layers.map((layer) => layer.learned('eviction_error').reduce((a, b) => a + b, 0));
      const longest = Math.max(...layers.flatMap(({ counts }) => counts));
      return spread(errors, budget, Math.min(longest, most * budget), Math.max(least, scorer.window ?? 0));
    },
    select: evenInLayers,
  }),
});

/** For each KV head how much its output changes for what follows a text, all query heads of its group together, when it keeps a few entries of the text. */
function errorsOf(layer: LayerView, { text }: Lesson): number[] {
  const entries = layer.counts.map(() => Int32Array.from({ length: text }, (_, i) => i));
  const scores = snapkv.make({ window: voting, kernel: 5 }, []).score(new PartView(layer, entries, text), left);
  const kept = scores.map((row) => best(row, Math.min(left, row.length)));
  return cutOutputs(layer, text, kept).map(
    (tokens) => tokens.reduce((sum, token) => sum + errorOf(token), 0) / tokens.length,
  );
}

function errorOf({ full, cut }: Outputs): number {
  let [change, length] = [0, 0];
  full.forEach((x, c) => {
    change += (cut[c]! - x) ** 2;
    length += x ** 2;
  });
  return length > 0 ? Math.sqrt(change / length) : 0;
}
