import { e4m3, e5m2, patterns, toFloat } from './float.ts';
import { defineCodec, mustBeFinite } from './types.ts';

const scaleBytes = 4;

/**
 * 8-bit floating point, as servers have it: every number carries its own exponent, so that one scale for all may do. Based on vLLM,
 * docs/features/quantization/quantized_kvcache.md: x^ = s * fp8(x / s). With `scaled`, s = max |x| / largest over what a head writes at once, stored as a
 * 32-bit float; without, s = 1, as in vLLM where nobody calibrates. What is too large becomes the largest number.
 * Parts: `codes` [n][headDim], bit patterns; `scales` [1] where there is one.
 */
export const fp8 = defineCodec({
  name: 'fp8',
  entry: 'fp8-kv',
  caption: { name: 'FP8', idea: 'floating point in 8 bits' },
  source: 'vLLM, docs/features/quantization/quantized_kvcache.md; OCP OFP8 for the two formats',
  settings: {
    exponent: {
      kind: 'choice',
      default: 4,
      choices: [4, 5],
      about: 'Bits of the exponent: 4 is E4M3, 5 is E5M2, with more range and less precision.',
    },
    scaled: {
      kind: 'switch',
      default: false,
      about: 'A scale that brings the largest number to the end of the range.',
    },
  },
  detail: ({ exponent }) => (exponent === 4 ? 'E4M3' : 'E5M2'),
  make({ exponent, scaled }) {
    const format = exponent === 4 ? e4m3 : e5m2;
    return {
      basis: () => 'cached',
      pending: (waiting) => waiting,
      encode(rows, _side, { headDim }) {
        mustBeFinite(rows);
        // Nothing has no scale.
        const kept = scaled && rows.length > 0;
        const scale = scaled ? scaleOf(rows, format.largest) : 1;
        const numbers = rows.map((x) => toFloat(x / scale, format));
        const codes = () => ({ numbers: patterns(numbers, format), shape: [rows.length / headDim, headDim], bits: 8 });
        const scales = { numbers: [scale], shape: [1], bits: 8 * scaleBytes };
        return {
          bits: 8,
          overhead: kept ? scaleBytes : 0,
          parts: () => (kept ? { codes: codes(), scales } : { codes: codes() }),
          decode: () => numbers.map((number) => number * scale),
        };
      },
      bytes: (count, { headDim }) => ({
        keys: count * headDim,
        values: count * headDim,
        metadata: scaled && count ? 2 * scaleBytes : 0,
      }),
    };
  },
});

function scaleOf(rows: Float32Array, largest: number): number {
  let most = 0;
  for (let i = 0; i < rows.length; i++) most = Math.max(most, Math.abs(rows[i]!));
  return Math.fround(most / largest) || 1;
}
