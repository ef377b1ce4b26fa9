import { defineCodec, type Codec, type HeadShape } from './types.ts';

/**
 * A codec for one layer alone, or for all but one; the rest stays at 16 bits. It finds the layer that few bits cost most, and keeps that one whole: the ablation
 * and the simplest repair of "Alignment Collapse Under KV Cache Quantization" (arXiv 2606.09864). It encodes nothing itself.
 */
export const only = defineCodec({
  name: 'only',
  entry: 'alignment-collapse',
  caption: { name: 'One layer', idea: 'few bits in one layer, 16 in the rest' },
  source: 'arXiv 2606.09864',
  settings: {
    layer: { kind: 'number', default: 0, min: 0, max: 63, step: 1, about: 'The layer that is told apart.' },
    others: { kind: 'switch', default: false, about: 'All other layers are written, and this one stays.' },
  },
  wraps: [{ role: 'codec', default: 'per-tensor(bits=3)' }],
  detail: ({ layer, others }) => (others ? `all but layer ${layer}` : `layer ${layer}`),
  make: ({ layer, others }, [codec]) => compose((at) => (at.layer === layer) !== others, codec!),
});

function compose(writes: (at: HeadShape) => boolean, codec: Codec): Codec {
  return {
    basis: (at) => codec.basis(at),
    pending: (waiting, side, at) => (writes(at) ? codec.pending(waiting, side, at) : 0),
    encode: (rows, side, at) => codec.encode(rows, side, at),
    bytes: (count, at) => {
      const side = count * at.headDim * 2;
      return writes(at) ? codec.bytes(count, at) : { keys: side, values: side, metadata: 0 };
    },
    ...(codec.fork && { fork: () => compose(writes, codec.fork!()) }),
  };
}
