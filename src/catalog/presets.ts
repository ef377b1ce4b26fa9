import { writeQuery, usualState, type CatalogState } from './query.ts';

/** Questions that people come with. Each is no more than facets, and so a plain address that anybody can change further. */
export const presets: readonly { readonly asks: string; readonly state: Partial<CatalogState> }[] = [
  { asks: 'in vLLM or SGLang today', state: { served: ['vllm', 'sglang'] } },
  {
    asks: 'no training, fused, paged',
    state: { training: ['none', 'optional'], fused: ['yes'], fits: ['yes'], kind: ['method', 'system'] },
  },
  { asks: 'keeps everything', state: { reversible: ['yes'], kind: ['method', 'system'] } },
  { asks: 'for a single user on a laptop', state: { for: ['one-user'] } },
  { asks: 'for agents with shared prefixes', state: { for: ['agents'], prefix: ['yes', 'partly'] } },
];

/** The query string of a preset. */
export const presetQuery = (state: Partial<CatalogState>) => writeQuery({ ...usualState, ...state });
