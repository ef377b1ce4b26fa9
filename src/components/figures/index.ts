import type { AstroComponentFactory } from 'astro/runtime/server/index.js';

/** Figures that stand first on the page of a method, by its slug: files of this folder. Each is an island with what it needs at build. */
export const methodFigures: Readonly<Record<string, string>> = {
  'kv-compression-infra': 'Occupancy',
  pagedattention: 'Blocks',
  radixattention: 'PrefixTree',
};

const files = import.meta.glob<{ default: AstroComponentFactory }>('./*.astro', { eager: true });

export const figureOfMethod = (slug: string) => files[`./${methodFigures[slug]}.astro`]?.default;
