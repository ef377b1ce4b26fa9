import type { KVCache } from '../cache/kv-cache.ts';
import type { HeadShape } from '../quantization/types.ts';
import type { Settings } from '../settings.ts';
import { carry, chunkCount, chunkSizes, fitting, headsOf, protectedChunks, ranked, type Chunks } from './chunks.ts';
import { defineRetrieval, type Retriever, type Sight } from './types.ts';

const settings = {
  block: { kind: 'number', default: 8, min: 1, max: 64, step: 1, about: 'Tokens of a block; 128 in InfLLM.' },
  typical: {
    kind: 'number',
    default: 2,
    min: 1,
    max: 16,
    step: 1,
    about: 'Tokens that stand for a block: those that were looked at most; 4 in InfLLM.',
  },
  window: {
    kind: 'number',
    default: 16,
    min: 1,
    max: 256,
    step: 1,
    about:
      'Newest tokens whose blocks stay near, and how long a token is looked at before it is judged; 4096 in InfLLM.',
  },
} as const;

/**
 * Blocks that have left a window of newest tokens wait with the host. Of each, the few tokens that the window looked at most stand for the whole: at
 * every token a layer has those blocks near whose typical keys its queries fit best. Based on "InfLLM: Training-Free Long-Context Extrapolation for LLMs
 * with an Efficient Context Memory" (arXiv 2402.04617); thunlp/InfLLM, inf_llm/attention/context_manager.py.
 *
 *     r[m] = sum over the `window` queries that follow of the attention that token m gets
 *     relevance(block) = mean over query heads of q . (mean of the keys of the `typical` tokens with the largest r)
 *
 * As there: one list of blocks for a layer; the first block and the window stay. Ours: sizes; as many blocks as the budget has room for; the tokens of a
 * block are judged by the mean of the heads that share a KV head, where each query head there has its own; the whole text was read with nothing away; what
 * is fetched keeps its position, where InfLLM gives it one far position, which matters beyond the trained length; and what is near is what is read, where
 * InfLLM holds twice as many blocks, the least recently used going first. Typical keys lie with the host, as with its option `faiss`.
 */
export const infllm = defineRetrieval({
  name: 'infllm',
  caption: { name: 'InfLLM', idea: 'a few typical tokens stand for a block far off' },
  source: 'arXiv 2402.04617; thunlp/InfLLM',
  settings,
  detail: ({ typical }) => `${typical} typical`,
  make: (chosen) => new InfLLM(chosen, []),
});

class InfLLM implements Retriever {
  readonly stride = 1;
  readonly #settings: Settings<typeof settings>;
  /** For each layer, of each full block of the prompt, the mean typical key of each KV head: [blocks][kvHeads * headDim]. */
  readonly #cards: Float32Array[][];

  constructor(chosen: Settings<typeof settings>, cards: Float32Array[][]) {
    this.#settings = chosen;
    this.#cards = cards;
  }

  /** Cards are written once, so that a copy may share them. */
  fork(): InfLLM {
    return new InfLLM(this.#settings, this.#cards);
  }

  bytes(): number {
    return 0;
  }

  /** Mean typical keys, 2 bytes a number. */
  hostBytes(count: number, { headDim }: HeadShape): number {
    return Math.floor(count / this.#settings.block) * headDim * 2;
  }

  arrange(cache: KVCache, sight: Sight): void {
    const { layers } = cache.store.config;
    const { block, window } = this.#settings;
    const blocks = { size: block, prompt: sight.prompt };
    const must = protectedChunks(cache.length, window, blocks);
    for (let layer = 0; layer < layers; layer++) {
      const cards = (this.#cards[layer] ??= this.#write(cache, sight, layer, blocks));
      const order = ranked(relevance(cards, sight.query(layer, cache.length - 1), cache, chunkCount(blocks)));
      const [heads, room] = [headsOf(cache, layer), Math.floor(sight.room / layers)];
      carry(cache, fitting([...must, ...order], chunkSizes(cache, blocks, heads), room), blocks, heads);
    }
    cache.reclaim();
  }

  #write(cache: KVCache, sight: Sight, layer: number, { size, prompt }: Chunks): Float32Array[] {
    const { kvHeads, headDim } = cache.store.config;
    const cards = Array.from({ length: Math.floor(prompt / size) }, () => new Float32Array(kvHeads * headDim));
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      const head = layer * kvHeads + kvHead;
      const paid = locallyPaid(cache, sight, head, this.#settings.window);
      const tokens = cache.tokens(head);
      cards.forEach((card, block) => {
        const those = [...tokens.keys()].filter((entry) => Math.floor(tokens[entry]! / size) === block);
        const typical = those.sort((a, b) => paid[b]! - paid[a]! || a - b).slice(0, this.#settings.typical);
        for (const entry of typical) {
          const key = cache.store.key(cache.row(head, entry));
          for (let c = 0; c < headDim; c++) card[kvHead * headDim + c]! += key[c]! / typical.length;
        }
      });
    }
    return cards;
  }
}

/** What each entry of a head got from the `window` tokens that follow it, averaged over the group: [entries]. */
function locallyPaid(cache: KVCache, sight: Sight, head: number, window: number): Float64Array {
  const tokens = cache.tokens(head);
  const paid = new Float64Array(tokens.length);
  for (let token = 0; token < sight.prompt; token++) {
    sight.look(head, token).forEach((weight, entry) => {
      if (tokens[entry]! > token - window) paid[entry]! += weight;
    });
  }
  return paid;
}

/** @param queries of a layer: [heads, headDim] @returns [blocks]; a block that is not full comes last */
function relevance(
  cards: readonly Float32Array[],
  queries: Float32Array,
  { store }: KVCache,
  count: number,
): Float64Array {
  const { heads, kvHeads, headDim } = store.config;
  return Float64Array.from({ length: count }, (_, block) => {
    const card = cards[block];
    if (!card) return -Infinity;
    let sum = 0;
    for (let at = 0; at < queries.length; at++) {
      const kvHead = Math.floor((Math.floor(at / headDim) * kvHeads) / heads);
      sum += queries[at]! * card[kvHead * headDim + (at % headDim)]!;
    }
    return sum / heads;
  });
}
