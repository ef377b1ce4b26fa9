import { defineCodec, type Codec, type HeadShape } from './types.ts';

/**
 * A codec for the first layers and another for the rest: the simplest of mixed-precision plans, as layers differ in what few bits cost. It encodes
 * nothing itself.
 */
export const perLayer = defineCodec({
  name: 'per-layer',
  caption: { name: 'Per layer', idea: 'other bits in other layers' },
  source: 'ours: it composes codecs',
  settings: {
    first: {
      kind: 'number',
      default: 2,
      min: 0,
      max: 64,
      step: 1,
      about: 'Layers, from the bottom, that the first codec writes.',
    },
  },
  wraps: [
    { role: 'codec', default: 'kivi(bits=4)' },
    { role: 'codec', default: 'kivi' },
  ],
  make: ({ first }, [low, high]) => compose(first, low!, high!),
});

function compose(first: number, low: Codec, high: Codec): Codec {
  const of = ({ layer }: HeadShape) => (layer < first ? low : high);
  return {
    basis: (at) => of(at).basis(at),
    pending: (waiting, side, at) => of(at).pending(waiting, side, at),
    encode: (rows, side, at) => of(at).encode(rows, side, at),
    bytes: (count, at) => of(at).bytes(count, at),
    fork: () => compose(first, low.fork?.() ?? low, high.fork?.() ?? high),
  };
}
