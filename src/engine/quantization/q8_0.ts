import { blockCodec, even, furthest, inverse, type BlockType } from './ggml.ts';
import { defineCodec } from './types.ts';

const type: BlockType = {
  bits: 8,
  levels: even(8, 128),
  lowest: -128,
  minimum: false,
  quantize(x, codes) {
    const d = Math.fround(Math.abs(furthest(x)) / 127);
    const id = inverse(d);
    for (let i = 0; i < x.length; i++) {
      const steps = Math.fround(x[i]! * id);
      codes[i] = Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5);
    }
    return [d, 0];
  },
  pack: (codes) => [...codes].map((code) => code & 255),
};

/** q8_0 takes 8.5 bits a number: 32 codes with a sign, and a scale of 16 bits. The number furthest from 0 is 127 steps away. Halves are rounded away from 0. Based on ggml (see ggml.ts). */
export const q8_0 = defineCodec({
  name: 'q8_0',
  entry: 'ggml-cache-types',
  caption: { name: 'q8_0', idea: '8 bits, in blocks of 32' },
  source: 'ggml-org/llama.cpp, ggml/src/ggml-quants.c',
  settings: {},
  make: () => blockCodec(type),
});
