import { attentionNeeds, newestProducts } from '../eviction/needs.ts';
import { once } from '../eviction/once.ts';
import { newerThan } from '../eviction/newer-than.ts';
import type { LayerView } from '../eviction/types.ts';
import { evenInLayers } from './even-in-layers.ts';
import { spread } from './spread.ts';
import { defineBudget } from './types.ts';

/**
 * CAKE gives more to layers whose attention is spread over many tokens, and to those where it moves from one query to the next.
 * Based on "CAKE: Cascading and Adaptive KV Cache Eviction with Layer Preferences" (arXiv 2503.12491); the preference as the authors' code has it.
 *
 *     A = what the last w queries pay to the entries before them, all heads
 *     H_l = - sum of A log(A + 1e-10)        V_l = sum over heads and entries of  the variance of A over the queries (w - 1 below)
 *     P_l = H_l^(1/tau1) V_l^(1/tau2)        n_l = m + L (budget - m) P_l / sum of P        m: entries that the rule inside never gives up
 *
 * What a layer cannot hold goes to the others in equal parts. Only the layer's share is from CAKE: any rule chooses within it. The authors shrink layers
 * one after the other while the prompt is read, so that the whole cache is never there; here all layers are read first, which ends with the same shares.
 * Ours: 16 queries, as texts here are short (the authors have 32), and both exponents 1; theirs differ with model and budget.
 */
export const cake = defineBudget({
  name: 'cake',
  caption: { name: 'CAKE', idea: 'more for layers that look around' },
  source: 'arXiv 2503.12491; antgroup/cakekv',
  settings: {
    window: {
      kind: 'number',
      default: 16,
      min: 2,
      max: 256,
      step: 1,
      about: 'Last tokens whose attention is looked at.',
    },
    tau1: { kind: 'number', default: 1, min: 0.1, max: 10, step: 0.1, about: 'The larger, the less spread counts.' },
    tau2: { kind: 'number', default: 1, min: 0.1, max: 10, step: 0.1, about: 'The larger, the less movement counts.' },
  },
  needs: attentionNeeds,
  products: ({ window }, seq) => newestProducts(Math.min(window, seq - 1), seq),
  wraps: [{ role: 'score', default: 'snapkv' }],
  make: ({ window, tau1, tau2 }, scorer) => ({
    scorer,
    perLayer: (budget, layers) => {
      const preferences = layers.map((layer) =>
        once(layer, `cake ${window} ${tau1} ${tau2}`, () => preference(layer, window, tau1, tau2)),
      );
      return spread(preferences, budget, Math.max(...layers.flatMap(({ counts }) => counts)), scorer.window ?? 0);
    },
    select: evenInLayers,
  }),
});

function preference(layer: LayerView, window: number, tau1: number, tau2: number): number {
  const rows = Math.min(window, layer.seq - 1);
  const group = layer.heads / layer.kvHeads;
  const older = layer.counts.map((count, kvHead) => count - newerThan(layer.tokens(kvHead), layer.seq - rows));
  let [spreadOut, shifting] = [0, 0];
  layer.attentionRows(layer.seq - rows, layer.seq).forEach((paid, head) => {
    const count = layer.counts[Math.floor(head / group)]!;
    for (let entry = 0; entry < older[Math.floor(head / group)]!; entry++) {
      const column = Array.from({ length: rows }, (_, row) => paid[row * count + entry]!);
      for (const share of column) spreadOut -= share * Math.log(share + 1e-10);
      shifting += variance(column);
    }
  });
  return Math.max(0, spreadOut) ** (1 / tau1) * shifting ** (1 / tau2);
}

/** Of a sample: divided by one less than there are. */
function variance(numbers: readonly number[]): number {
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, numbers.length - 1);
}
