import { blockCodec, even, nibbles, ranged, type BlockType } from './ggml.ts';
import { defineCodec } from './types.ts';

const type: BlockType = {
  bits: 4,
  levels: even(4, 0),
  lowest: 0,
  minimum: true,
  quantize: ranged(4),
  pack: nibbles,
};

/** q4_1 takes 5 bits a number: codes of 4 bits, a scale and a minimum of 16. Based on ggml (see ggml.ts). */
export const q4_1 = defineCodec({
  name: 'q4_1',
  entry: 'ggml-cache-types',
  caption: { name: 'q4_1', idea: '4 bits and a minimum, in blocks of 32' },
  source: 'ggml-org/llama.cpp, ggml/src/ggml-quants.c',
  settings: {},
  make: () => blockCodec(type),
});
