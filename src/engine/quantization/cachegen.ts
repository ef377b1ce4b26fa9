import type { Settings } from '../settings.ts';
import { half, toFloat } from './float.ts';
import { Learned } from './learned.ts';
import { pack, unpack } from './packet.ts';
import { defineCodec, mustBeFinite, type Codec, type Encoded, type HeadShape, type Side } from './types.ts';

const settings = {
  bits: {
    kind: 'number',
    default: 4,
    min: 2,
    max: 7,
    step: 1,
    about: 'Bits of a grid; the first layers have one more.',
  },
  group: {
    kind: 'number',
    default: 10,
    min: 2,
    max: 64,
    step: 1,
    about: 'Tokens that share an anchor, the first of them.',
  },
  deltas: {
    kind: 'switch',
    default: true,
    about: 'Differences to the anchor are sent; off, the numbers themselves, as in the released code.',
  },
} as const;

/** Layers with the finer grid, as a share of all: those of the authors' preset for models of 32 layers. */
const finer = { keys: 10 / 32, values: 2 / 32 } as const;

/**
 * A cache made small for the way over a network, where memory is not the question: the other end unpacks it to 16 bits. Based on "CacheGen: KV Cache Compression
 * and Streaming for Fast Large Language Model Serving" (arXiv 2310.07240) and its code (UChi-JCL/CacheGen, src/encoder/encoder.py and cachegen_basics.py).
 *
 *     a^ = the first token of each group, on a grid of 8 bits         d = x - a^ of the others         x^ = a^ + d^
 *
 * A grid is symmetric, has a scale for each token, and more levels in the first layers. Codes of differences go through a range coder with a table for each
 * layer, head and channel, counted from the codes that it sends. The code has 2^bits - 1 levels and codes the numbers themselves (`deltas` off); anchors are the
 * paper's idea. Ours: their grid of 8 bits, groups of 10, differences to the anchor as it will be read, so that errors do not add up, and groups of one head.
 *
 * What a head holds when it is first asked is sent; what is read later was computed at this end. In memory all is 16 bits, and `wire` is
 * what is sent (packet.ts). Parts: `numbers` [n][headDim].
 */
export const cachegen = defineCodec({
  name: 'cachegen',
  caption: { name: 'CacheGen', idea: 'few bits on the way, 16 in memory' },
  source: 'arXiv 2310.07240; UChi-JCL/CacheGen, src/encoder/encoder.py',
  settings,
  detail: ({ bits }) => `${bits} bits on the way`,
  make: (chosen) => new CacheGen(chosen),
});

class CacheGen implements Codec {
  readonly #settings: Settings<typeof settings>;
  readonly #sent: Learned<true>;

  constructor(chosen: Settings<typeof settings>, sent = new Learned<true>()) {
    this.#settings = chosen;
    this.#sent = sent;
  }

  basis() {
    return 'cached' as const;
  }

  fork(): CacheGen {
    return new CacheGen(this.#settings, this.#sent.fork());
  }

  pending(waiting: number, side: Side, at: HeadShape): number {
    return this.#sent.get(at, side) ? 0 : waiting;
  }

  encode(rows: Float32Array, side: Side, at: HeadShape): Encoded {
    mustBeFinite(rows);
    this.#sent.from(rows, at, side, () => true);
    const { group, deltas } = this.#settings;
    const packet = { width: at.headDim, bits: this.#bits(side, at), group: deltas ? group : Infinity };
    const wire = pack(rows, packet);
    const numbers = unpack(wire, packet).map((x) => toFloat(x, half));
    return {
      bits: 16,
      overhead: 0,
      parts: () => ({ numbers: { numbers, shape: [rows.length / at.headDim, at.headDim], bits: 16 } }),
      wire: () => wire,
      decode: () => numbers,
    };
  }

  #bits(side: Side, { layer, layers }: HeadShape): number {
    return this.#settings.bits + Number(layer < layers * finer[side]);
  }

  bytes(count: number, { headDim }: HeadShape) {
    return { keys: count * headDim * 2, values: count * headDim * 2, metadata: 0 };
  }
}
