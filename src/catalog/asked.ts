import type { FacetKey } from './facets.ts';

/** A facet that answers a search better than the words of any text do. */
export interface Asked {
  readonly facet: FacetKey;
  readonly value: string;
}

/** What readers call it, and what it is called here. */
const names: readonly (Asked & { readonly says: RegExp })[] = [
  { says: /flash[\s-]?(attention|attn)|\bsdpa\b|fused/i, facet: 'fused', value: 'yes' },
  { says: /paged|paging/i, facet: 'fits', value: 'yes' },
  { says: /prefix[\s-]?cach/i, facet: 'prefix', value: 'yes' },
  { says: /\bgqa\b|grouped[\s-]quer/i, facet: 'gqa', value: 'yes' },
  { says: /training[\s-]free|without training|no training/i, facet: 'training', value: 'none' },
  { says: /lossless/i, facet: 'lossless', value: 'yes' },
  { says: /\bvllm\b/i, facet: 'served', value: 'vllm' },
  { says: /\bsglang\b/i, facet: 'served', value: 'sglang' },
];

/** The facets that a search speaks of. */
export const askedBy = (query: string): Asked[] =>
  names.filter(({ says }) => says.test(query)).map(({ facet, value }) => ({ facet, value }));
