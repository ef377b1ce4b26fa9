import { inOrder, intoHoles } from '../paging/compaction.ts';
import { defineFate } from './types.ts';

/**
 * What stays moves into the first slots of the lane's blocks, so that the blocks behind them can go back to the pool: evicting alone leaves holes, and a
 * block returns only when it is empty in every layer and head. Two ways:
 *
 *     order = true     entry i goes to slot i: the order is kept, and nearly everything moves
 *     order = false    only entries beyond the last slot needed move, into the holes before it: few move, and slots no longer follow the text
 *
 * Positions do not change: a key carries its own.
 */
export const compact = defineFate({
  name: 'compact',
  caption: { name: 'compact', idea: 'holes are closed' },
  source: 'TriAttention (arXiv 2604.04921) and its vLLM runtime, which has both ways',
  settings: {
    order: {
      kind: 'switch',
      default: true,
      about: 'Keep the order of the text in memory; off, fill the holes from behind.',
    },
  },
  make: ({ order }) => ({
    after(cache, layer) {
      const { kvHeads, layers } = cache.store.config;
      const heads = Array.from({ length: kvHeads }, (_, kvHead) => layer * kvHeads + kvHead);
      cache.copy(
        layer,
        heads.map((head) => (order ? inOrder : intoHoles)(cache.slots(head))),
      );
      if (layer === layers - 1) cache.rewind();
    },
  }),
});
