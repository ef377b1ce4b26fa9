import { best } from '../eviction/select.ts';
import { evenInLayers } from './even-in-layers.ts';
import { defineBudget, type Scores } from './types.ts';

/**
 * Layers compete with composite tokens: the best entry of every head of a layer make up its first one, the second best its second. Each head keeps as
 * many of its own best as its layer has composite tokens among the best of all layers.
 * The other half of "KVCompose: Efficient Structured KV Cache Compression with Composite Tokens" (arXiv 2509.05165); as kvpress KVComposePress.
 *
 *     c[l, k] = mean over KV heads of the k-th largest of s[l, h, :]        c[0, k] = max over all layers of c[l, k]
 *     n_l = how many of the trunc(layers * budget) largest c lie in layer l, and at least 1
 *
 * The first layer is then never behind another, as in kvpress. Ties go to the lower layer. Where heads of a layer hold different numbers of entries, the
 * mean is over those that have a k-th one. A lane that has no room for an entry in every layer keeps none.
 */
export const composite = defineBudget({
  name: 'composite',
  entry: 'kvcompose',
  caption: { name: 'composite tokens', idea: 'layers compete for room' },
  source: 'arXiv 2509.05165; as kvpress KVComposePress',
  settings: {},
  wraps: [{ role: 'score', default: 'kvcompose' }],
  make: (_settings, scorer) => ({
    scorer,
    select: (scores, budgets) => evenInLayers(scores, countsOf(scores, budgets)),
  }),
});

function countsOf(scores: Scores, budgets: readonly number[]): number[] {
  const composites = scores.map(compositesOf);
  const longest = Math.max(...composites.map(({ length }) => length));
  composites[0] = Float64Array.from({ length: composites[0]!.length }, (_, k) =>
    composites.reduce((most, row) => Math.max(most, row[k] ?? -Infinity), -Infinity),
  );
  const all = new Float64Array(longest * scores.length).fill(-Infinity);
  composites.forEach((row, layer) => all.set(row, layer * longest));
  const room = Math.trunc(budgets.reduce((a, b) => a + b, 0));
  const counts = budgets.map((budget) => Number(budget > 0)).map((least) => ({ least, won: 0 }));
  for (const at of best(all, Math.min(all.length, room))) counts[Math.floor(at / longest)]!.won++;
  return counts.map(({ least, won }) => Math.max(least, won));
}

/** @param heads for each head [count] @returns [longest count], never rising */
function compositesOf(heads: readonly Float64Array[]): Float64Array {
  const ranked = heads.map((row) => row.slice().sort().reverse());
  return Float64Array.from({ length: Math.max(...heads.map(({ length }) => length)) }, (_, k) => {
    const there = ranked.filter((row) => k < row.length);
    return there.reduce((sum, row) => sum + row[k]!, 0) / there.length;
  });
}
