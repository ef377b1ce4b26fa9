import { blockCodec, even, nibbles, signed, type BlockType } from './ggml.ts';
import { defineCodec } from './types.ts';

const type: BlockType = {
  bits: 4,
  levels: even(4, 8),
  lowest: 0,
  minimum: false,
  quantize: signed(4),
  pack: nibbles,
};

/** q4_0 takes 4.5 bits a number: codes of 4 bits and a scale of 16, which may be negative. Based on ggml (see ggml.ts). */
export const q4_0 = defineCodec({
  name: 'q4_0',
  entry: 'ggml-cache-types',
  caption: { name: 'q4_0', idea: '4 bits, in blocks of 32' },
  source: 'ggml-org/llama.cpp, ggml/src/ggml-quants.c',
  settings: {},
  make: () => blockCodec(type),
});
