import { seeded } from '../random.ts';
import { definePolicy } from './types.ts';

/**
 * Chance: the floor that every policy must beat at the same budget.
 *
 *     s[h, j] ~ Uniform[0, 1), independent for each KV head and position
 *
 * One number is drawn from the moment, so that a run which evicts again and again does not always drop the same slot. The seed
 * and the layer are mixed into it: two lanes can differ, and layers do. (kvpress reseeds at each call, and repeats itself in every layer.)
 */
export const random = definePolicy({
  name: 'random',
  settings: {
    seed: { kind: 'number', default: 0, min: 0, max: 65535, step: 1, about: 'Another seed drops other tokens.' },
  },
  needs: [[]],
  score({ kvHeads, seq, layer }, { seed }, moment) {
    const draw = Math.floor(moment.random() * 2 ** 32);
    // Odd multipliers spread the small numbers over all 32 bits, so that (seed, layer) pairs do not meet.
    const stream = seeded(draw ^ Math.imul(seed + 1, 0x85ebca6b) ^ Math.imul(layer + 1, 0xc2b2ae35));
    return new Float64Array(kvHeads * seq).map(stream);
  },
});
