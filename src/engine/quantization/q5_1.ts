import { blockCodec, even, fives, ranged, type BlockType } from './ggml.ts';
import { defineCodec } from './types.ts';

const type: BlockType = {
  bits: 5,
  levels: even(5, 0),
  lowest: 0,
  minimum: true,
  quantize: ranged(5),
  pack: fives,
};

/** q5_1 takes 6 bits a number: codes of 5 bits, a scale and a minimum of 16. Based on ggml (see ggml.ts). */
export const q5_1 = defineCodec({
  name: 'q5_1',
  entry: 'ggml-cache-types',
  caption: { name: 'q5_1', idea: '5 bits and a minimum, in blocks of 32' },
  source: 'ggml-org/llama.cpp, ggml/src/ggml-quants.c',
  settings: {},
  make: () => blockCodec(type),
});
