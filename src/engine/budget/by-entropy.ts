import type { LayerView, Lesson } from '../eviction/types.ts';
import { evenInLayers } from './even-in-layers.ts';
import { least, spread } from './spread.ts';
import { defineBudget } from './types.ts';

/**
 * Layers that look at many tokens get more than those that look at few, as it was measured beforehand on other texts.
 * Based on the layer budgets by attention entropy of "PolyKV: Heterogeneous Retention and Allocation for KV Cache Compression" (arXiv 2606.15157).
 *
 *     H_l = mean over texts, the tokens of question and answer, and query heads of  -sum over j of A[h', t, j] ln A[h', t, j]        in nats
 *     n_l = m + L (budget - m) H_l / sum of H        no more than there is: what is above goes to the other layers in equal parts
 *
 * The paper adds an epsilon to every H; neither it nor m, nor the tokens that are looked at, are known. Here m is `least`, and there is no epsilon.
 */
export const byEntropy = defineBudget({
  name: 'by-entropy',
  caption: { name: 'by entropy', idea: 'more for layers that look at many tokens' },
  source: 'arXiv 2606.15157, its budgets by entropy',
  settings: {
    least,
  },
  needs: [['attention_entropy']],
  learns: {
    name: 'attention_entropy',
    from: (texts, lessons) => {
      const entropies = texts.map((text, i) => entropiesOf(text, lessons[i]!));
      return texts[0]!.counts.map((_, kvHead) => Float32Array.of(mean(entropies.map((heads) => heads[kvHead]!))));
    },
  },
  wraps: [{ role: 'score', default: 'polykv' }],
  make: ({ least }, scorer) => ({
    scorer,
    perLayer: (budget, layers) => {
      const entropies = layers.map((layer) => mean([...layer.learned('attention_entropy')]));
      const longest = Math.max(...layers.flatMap(({ counts }) => counts));
      return spread(entropies, budget, longest, Math.max(least, scorer.window ?? 0));
    },
    select: evenInLayers,
  }),
});

/** For each KV head the entropy of a row behind the text, mean over these rows and the query heads of its group. */
function entropiesOf(layer: LayerView, { text }: Lesson): number[] {
  const rows = layer.seq - text;
  const heads = layer.attentionRows(text, layer.seq).map((paid) => paid.reduce((sum, p) => sum - plnp(p), 0) / rows);
  const group = layer.heads / layer.kvHeads;
  return layer.counts.map((_, kvHead) => mean(heads.slice(kvHead * group, (kvHead + 1) * group)));
}

/** Nothing where nothing is paid, which is what it comes near to. */
const plnp = (p: number) => (p > 0 ? p * Math.log(p) : 0);

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
