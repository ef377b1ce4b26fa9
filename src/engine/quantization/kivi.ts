import type { Settings } from '../settings.ts';
import { encodeInGroups, groupBytes } from './groups.ts';
import { pack } from './pack.ts';
import { defineCodec, type Codec, type Encoded, type Side } from './types.ts';

const settings = {
  bits: { kind: 'choice', default: 2, choices: [2, 3, 4, 8], about: 'Bits of one code; the paper has 2 and 4.' },
  group: {
    kind: 'number',
    default: 32,
    min: 1,
    max: 256,
    step: 1,
    about: 'Numbers that share one scale and one zero.',
  },
  residual: {
    kind: 'number',
    default: 32,
    min: 1,
    max: 512,
    step: 1,
    about: 'Newest tokens that wait at full precision; rounded up to a multiple of group.',
  },
  channels: {
    kind: 'switch',
    default: true,
    about: 'Keys channel by channel; off, token by token like the values: a control.',
  },
} as const;

/**
 * KIVI writes keys channel by channel, as a few of their channels are large in every token, and values token by token.
 * Based on "KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache" (arXiv 2402.02750). The arithmetic of a group is in `affine.ts`.
 *
 *     keys    a group is `group` consecutive tokens of one channel            encoded: R tokens whenever R wait
 *     values  a group is min(group, headDim) consecutive channels of a token  encoded: all but the newest R tokens
 *
 * R is `residual` rounded up to a multiple of `group`. In memory codes lie along tokens for keys ([headDim][tokens]) and along channels for values
 * ([tokens][headDim]), in 32-bit words. Where `group` does not divide headDim, the last group of a token is shorter. `channels` off is a control: keys
 * are then written as values are.
 */
export const kivi = defineCodec({
  name: 'kivi',
  caption: { name: 'KIVI', idea: 'everything, in fewer bits' },
  source: 'arXiv 2402.02750',
  settings,
  detail: ({ bits }) => `${bits} bits`,
  make: (chosen) => new Kivi(chosen),
});

class Kivi implements Codec {
  readonly #bits: number;
  readonly #group: number;
  readonly #residual: number;
  readonly #channels: boolean;

  constructor({ bits, group, residual, channels }: Settings<typeof settings>) {
    this.#bits = bits;
    this.#group = group;
    this.#residual = Math.ceil(residual / group) * group;
    this.#channels = channels;
  }

  basis() {
    return 'cached' as const;
  }

  #byChannel(side: Side): boolean {
    return side === 'keys' && this.#channels;
  }

  pending(waiting: number, side: Side): number {
    return this.#byChannel(side) ? waiting - (waiting % this.#residual) : Math.max(0, waiting - this.#residual);
  }

  encode(rows: Float32Array, side: Side, { headDim }: { headDim: number }): Encoded {
    const tokens = rows.length / headDim;
    const byChannel = this.#byChannel(side);
    if (byChannel && tokens % this.#group !== 0) {
      throw new Error(`kivi encodes keys in groups of ${this.#group} tokens, and there are ${tokens}.`);
    }
    const grouping = { along: byChannel ? 'rows' : 'columns', size: this.#group } as const;
    const encoded = encodeInGroups(rows, headDim, grouping, this.#bits);
    const packed = () => {
      const codes = encoded.parts()['codes']!.numbers as Uint8Array;
      return pack(byChannel ? transpose(codes, headDim) : codes, this.#bits);
    };
    return { ...encoded, packed };
  }

  bytes(count: number, { headDim }: { headDim: number }) {
    const keyTokens = this.pending(count, 'keys');
    const valueTokens = this.pending(count, 'values');
    const side = (encoded: number) => headDim * ((encoded * this.#bits) / 8 + (count - encoded) * 2);
    const inRow = Math.ceil(headDim / this.#group);
    const groups = (this.#channels ? (headDim * keyTokens) / this.#group : keyTokens * inRow) + valueTokens * inRow;
    return { keys: side(keyTokens), values: side(valueTokens), metadata: groups * groupBytes(false) };
  }
}

/** @param matrix [n][width]. @returns [width][n] */
function transpose(matrix: Uint8Array, width: number): Uint8Array {
  const n = matrix.length / width;
  const transposed = new Uint8Array(matrix.length);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < width; column++) transposed[column * n + row] = matrix[row * width + column]!;
  }
  return transposed;
}
