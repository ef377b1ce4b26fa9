import type { Settings } from '../settings.ts';
import { decodeRows, encodeRows } from './affine.ts';
import { defineCodec } from './types.ts';

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
} as const;

type KiviSettings = Settings<typeof settings>;

const residualOf = ({ group, residual }: KiviSettings) => Math.ceil(residual / group) * group;

const encodedKeys = (total: number, chosen: KiviSettings) => total - (total % residualOf(chosen));

const encodedValues = (total: number, chosen: KiviSettings) => Math.max(0, total - residualOf(chosen));

/**
 * KIVI writes keys channel by channel, as a few of their channels are large in every token, and values token by token.
 * Based on "KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache" (arXiv 2402.02750). The arithmetic of a group is in `affine.ts`.
 *
 *     keys    a group is `group` consecutive tokens of one channel            encoded: total - total mod R tokens
 *     values  a group is min(group, headDim) consecutive channels of a token  encoded: max(0, total - R) tokens
 *
 * R is `residual` rounded up to a multiple of `group`: keys are encoded R tokens at a time, values one at a time as they leave the last R.
 * Codes lie along tokens for keys ([headDim][tokens]) and along channels for values ([tokens][headDim]).
 * Bytes count scales and zeros at 16 bits each, as the authors store them; here they are float32, so that the numbers are those of the formula.
 * Where `group` does not divide headDim, the last group of a token is shorter.
 */
export const kivi = defineCodec({
  name: 'kivi',
  settings,
  encodedKeys,
  encodedValues,
  encodeKeys(keys, headDim, { group, bits }) {
    const tokens = keys.length / headDim;
    if (tokens % group !== 0)
      throw new Error(`kivi encodes keys in groups of ${group} tokens, and there are ${tokens}.`);
    return encodeRows(transpose(keys, headDim), tokens, group, bits);
  },
  decodeKeys: (encoded, tokens, headDim, { group, bits }) =>
    transpose(decodeRows(encoded, tokens * headDim, tokens, group, bits), tokens),
  encodeValues: (values, headDim, { group, bits }) => encodeRows(values, headDim, group, bits),
  decodeValues: (encoded, tokens, headDim, { group, bits }) =>
    decodeRows(encoded, tokens * headDim, headDim, group, bits),
  bytes(total, headDim, chosen) {
    const keyTokens = encodedKeys(total, chosen);
    const valueTokens = encodedValues(total, chosen);
    const side = (encoded: number) => headDim * ((encoded * chosen.bits) / 8 + (total - encoded) * 2);
    const groups = headDim * (keyTokens / chosen.group) + valueTokens * Math.ceil(headDim / chosen.group);
    return { keys: side(keyTokens), values: side(valueTokens), metadata: groups * 4 };
  },
});

/** @param matrix [n][width]. @returns [width][n] */
function transpose(matrix: Float32Array, width: number): Float32Array {
  const n = matrix.length / width;
  const transposed = new Float32Array(matrix.length);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < width; column++) transposed[column * n + row] = matrix[row * width + column]!;
  }
  return transposed;
}
