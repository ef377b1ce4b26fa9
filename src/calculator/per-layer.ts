import { headDim, tally } from './heads.ts';
import type { Config } from './fields.ts';
import { Refusal, type Architecture } from './types.ts';

const attentionOf = (block: unknown): Config => {
  const attention = (block as { attention?: unknown } | null)?.attention;
  if (typeof attention !== 'object' || attention === null)
    throw new Refusal('A block of block_configs says nothing of attention.');
  return attention as Config;
};

/** Found by search: attention was taken out of some layers, and the others could have groups of different sizes. */
export const perLayer: Architecture = {
  name: 'per-layer',
  title: 'attention in some layers',
  modelTypes: ['nemotron-nas'],
  parts(fields) {
    const blocks = fields.perLayer('block_configs').map(attentionOf);
    const odd = blocks.find(
      ({ window_length, sparsify, num_sink_tokens }) => window_length ?? sparsify ?? num_sink_tokens,
    );
    if (odd)
      throw new Refusal('A block of block_configs has a window, sinks or sparse attention, which is not read here.');
    const groups = blocks.map(({ no_op, replace_with_linear, n_heads_in_group }) =>
      no_op === true || replace_with_linear === true ? 0 : Number(n_heads_in_group),
    );
    const [heads, dim] = [fields.count('num_attention_heads'), headDim(fields)];
    const sizes = [...new Set(groups)].sort((a, b) => a - b);
    if (sizes.some((size) => !Number.isInteger(size) || (size && heads % size)))
      throw new Refusal('n_heads_in_group does not divide the heads.');
    const counts = tally('n_heads_in_group', groups, sizes);
    return sizes.map((size) =>
      size
        ? {
            kind: 'heads',
            layers: counts[size]!,
            kvHeads: heads / size,
            keys: dim,
            values: dim,
            note: 'layers with attention',
          }
        : { kind: 'nothing', layers: counts[size]!, note: 'layers without attention' },
    );
  },
};
