import { seeded } from '../../../src/engine/random.ts';
import type { HeadAtWork } from '../../../src/engine/quantization/types.ts';

export const shape = (headDim: number, layer = 0, kvHead = 0): HeadAtWork => ({ layer, layers: 4, kvHead, headDim });

/** Numbers of a normal distribution (Box and Muller, 1958). */
export function gaussian(seed: number, count: number): Float32Array {
  const random = seeded(seed);
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}
