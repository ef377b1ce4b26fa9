import { leverageScores } from './leverage.ts';
import { chunkProducts, noncausalScores } from './noncausal-attn.ts';
import { once } from './once.ts';
import { protect } from './protect.ts';
import { defineScore } from './types.ts';

/**
 * Compactor keeps what draws attention inside its chunk, and what the other keys do not span; the ends of the text stay.
 * Based on "Compactor: Calibrated Query-Agnostic KV Cache Compression with Approximate Leverage Scores" (arXiv 2507.08143); as kvpress CompactorPress.
 *
 *     s[h, j] = b leverage[h, j] + noncausal[h, j]        of what lies between the first `first` and the last `last` entries
 *     s[h, j] = max s        at the ends
 *
 * b is the share that is dropped, so that leverage counts more where more goes; with `adaptive` off it is `blending`. Both parts leave the ends out,
 * and count their chunks from behind the first of them. The ends tie with the best of the rest, as in kvpress.
 */
export const compactor = defineScore({
  name: 'compactor',
  caption: { name: 'Compactor', idea: 'what draws attention, and what nothing replaces' },
  source: 'arXiv 2507.08143; as kvpress CompactorPress',
  settings: {
    first: { kind: 'number', default: 8, min: 0, max: 64, step: 1, about: 'Oldest entries that always stay.' },
    last: { kind: 'number', default: 4, min: 0, max: 64, step: 1, about: 'Newest entries that always stay.' },
    chunk: { kind: 'number', default: 256, min: 2, max: 4096, step: 1, about: 'Tokens that look at each other.' },
    sketch: { kind: 'number', default: 48, min: 1, max: 256, step: 1, about: 'Numbers that a key is reduced to.' },
    seed: { kind: 'number', default: 0, min: 0, max: 65535, step: 1, about: 'Another seed draws another sketch.' },
    adaptive: { kind: 'switch', default: true, about: 'Leverage weighs as much as the share that is dropped.' },
    blending: { kind: 'number', default: 0.35, min: 0, max: 1, step: 0.01, about: 'What it weighs otherwise.' },
  },
  needs: [
    ['queries', 'keys', 'keys_prerope', 'values'],
    ['queries', 'keys', 'values'],
    ['queries_prerope', 'keys', 'values'],
  ],
  products: ({ first, last, chunk }, seq) => chunkProducts(chunk, Math.max(0, seq - first - last)),
  usesBudget: ({ adaptive }) => adaptive,
  // The ends leave at least half of the budget to the rule.
  fit: (settings, seq, budget) => {
    const room = Math.trunc(Math.min(budget, seq - 2) / 2);
    const first = Math.min(settings.first, room);
    const last = Math.min(settings.last, room - first);
    return { ...settings, first, last, chunk: Math.max(2, Math.min(settings.chunk, seq - first - last)) };
  },
  make: ({ first, last, chunk, sketch, seed, adaptive, blending }) => ({
    score(layer, budget) {
      const fewest = Math.min(...layer.counts);
      const left = Math.min(first, fewest);
      const right = Math.min(last, fewest - left);
      const noncausal = once(layer, `noncausal ${chunk} ${left} ${right}`, () =>
        noncausalScores(layer, chunk, left, right),
      );
      const spanned = once(layer, `leverage ${sketch} ${seed} ${left} ${right}`, () =>
        leverageScores(layer, sketch, seed, left, right),
      );
      const weight = adaptive ? 1 - budget / Math.max(...layer.counts) : blending;
      const scores = spanned.map((row, kvHead) => {
        const padded = new Float64Array(left + row.length + right).fill(-Infinity);
        padded.set(
          row.map((score, j) => weight * score + noncausal[kvHead]![j]!),
          left,
        );
        return padded;
      });
      return protect(scores, left, right, 0);
    },
  }),
});
