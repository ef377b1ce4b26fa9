import { blockCodec, furthest, nibbles, type BlockType } from './ggml.ts';
import { defineCodec } from './types.ts';

/** Closer together near 0, where most numbers are. */
const levels = Float32Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

/** The nearest level; halfway between two, the higher one. */
function nearest(x: number): number {
  let code = 0;
  while (code < 15 && x + x >= levels[code]! + levels[code + 1]!) code++;
  return code;
}

const { fround } = Math;

const type: BlockType = {
  bits: 4,
  levels,
  lowest: 0,
  minimum: false,
  /** The number furthest from 0 is the lowest level; with the codes fixed, d is then the one of least squares, each number weighted by its own square. */
  quantize(x, codes) {
    const most = furthest(x);
    if (Math.abs(most) < 1e-15) return [0, 0];
    const id = fround(1 / fround(most / levels[0]!));
    let [onLevels, ofLevels] = [0, 0];
    for (let i = 0; i < x.length; i++) {
      const code = nearest(fround(id * x[i]!));
      const weighted = fround(fround(x[i]! * x[i]!) * levels[code]!);
      codes[i] = code;
      onLevels = fround(onLevels + fround(weighted * x[i]!));
      ofLevels = fround(ofLevels + fround(weighted * levels[code]!));
    }
    return [ofLevels > 0 ? fround(onLevels / ofLevels) : 0, 0];
  },
  pack: nibbles,
};

/** iq4_nl takes 4.5 bits a number, as q4_0 does, and has uneven levels. Based on ggml (see ggml.ts). */
export const iq4_nl = defineCodec({
  name: 'iq4_nl',
  entry: 'ggml-cache-types',
  caption: { name: 'iq4_nl', idea: '4 bits on uneven levels, in blocks of 32' },
  source: 'ggml-org/llama.cpp, ggml/src/ggml-quants.c',
  settings: {},
  make: () => blockCodec(type),
});
