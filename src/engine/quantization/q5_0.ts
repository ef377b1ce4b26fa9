import { blockCodec, even, fives, signed, type BlockType } from './ggml.ts';
import { defineCodec } from './types.ts';

const type: BlockType = {
  bits: 5,
  levels: even(5, 16),
  lowest: 0,
  minimum: false,
  quantize: signed(5),
  pack: fives,
};

/** q5_0 takes 5.5 bits a number: codes of 5 bits and a scale of 16, which may be negative. Based on ggml (see ggml.ts). */
export const q5_0 = defineCodec({
  name: 'q5_0',
  entry: 'ggml-cache-types',
  caption: { name: 'q5_0', idea: '5 bits, in blocks of 32' },
  source: 'ggml-org/llama.cpp, ggml/src/ggml-quants.c',
  settings: {},
  make: () => blockCodec(type),
});
