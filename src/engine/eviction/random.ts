import { seeded } from '../random.ts';
import { defineScore } from './types.ts';

/**
 * Chance: the floor that every policy must beat at the same budget.
 *
 *     s[h, j] ~ Uniform[0, 1), independent for each KV head and entry
 *
 * The seed, the layer and the number of tokens read are mixed: two lanes can differ, layers do, and a run which evicts again and again does not
 * always drop the same slot. (kvpress reseeds at each call, and repeats itself in every layer.)
 */
export const random = defineScore({
  name: 'random',
  caption: { name: 'Random', idea: 'a fair lottery' },
  source: 'a control',
  settings: {
    seed: { kind: 'number', default: 0, min: 0, max: 65535, step: 1, about: 'Another seed drops other tokens.' },
  },
  needs: [[]],
  make: ({ seed }) => ({
    score({ counts, layer, seq }) {
      // Odd multipliers spread the small numbers over all 32 bits, so that (seed, layer, seq) do not meet.
      const stream = seeded(
        Math.imul(seq, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b) ^ Math.imul(layer + 1, 0xc2b2ae35),
      );
      return counts.map((count) => new Float64Array(count).map(stream));
    },
  }),
});
