import Blocks from './Blocks.astro';
import Occupancy from './Occupancy.astro';
import PrefixTree from './PrefixTree.astro';

/** Figures that stand first on the page of a method, by its slug. Each is an island with what it needs at build. */
export const methodFigures = {
  'kv-compression-infra': Occupancy,
  pagedattention: Blocks,
  radixattention: PrefixTree,
} as const;

export const figureOfMethod = (slug: string) => (methodFigures as Record<string, typeof Blocks>)[slug];
