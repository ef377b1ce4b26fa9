import { expect, test } from 'vitest';
import { inPanels, packPanels, panelWords, unpackPanels } from '../../../src/engine/kernels/panels.ts';

// Two outputs of eight inputs: four inputs of either, then the other four, 32 words further on.
test('by hand: four inputs of each output, then the next four', () => {
  const w = Array.from({ length: 16 }, (_, i) => i + 1);
  const packed = new Float32Array(panelWords(2, 8));
  packPanels(packed, w, 8);
  expect(packed).toHaveLength(64);
  expect([...packed.subarray(0, 12)]).toEqual([1, 2, 3, 4, 9, 10, 11, 12, 0, 0, 0, 0]);
  expect([...packed.subarray(32, 44)]).toEqual([5, 6, 7, 8, 13, 14, 15, 16, 0, 0, 0, 0]);
  expect([...unpackPanels(packed, 2, 8)]).toEqual(w);
});

test('every weight has a place of its own, and full panels have no other', () => {
  const [outDim, inDim] = [24, 12];
  const places = Array.from({ length: outDim * inDim }, (_, at) => inPanels(Math.floor(at / inDim), at % inDim, inDim));
  expect(places.toSorted((a, b) => a - b)).toEqual([...places.keys()]);
  expect(panelWords(outDim, inDim)).toBe(places.length);
  expect(panelWords(17, inDim)).toBe(panelWords(24, inDim));
});
