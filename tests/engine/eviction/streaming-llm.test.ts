import { expect, test } from 'vitest';
import { streamingLlm } from '../../../src/engine/eviction/streaming-llm.ts';
import { heldOf, keptBy, layerOf, scoresOf } from './layers.ts';

const layer = layerOf({ keys: [Array.from({ length: 10 }, () => [0]), Array.from({ length: 10 }, () => [1])] });

// Ten tokens, six kept: four are dropped right after the four sinks.
test('keeps four sinks and the newest tokens, in every head', () => {
  expect(scoresOf(streamingLlm, layer, 6)[0]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 1, 1]);
  expect(keptBy(streamingLlm, layer, 6)).toEqual([
    [0, 1, 2, 3, 8, 9],
    [0, 1, 2, 3, 8, 9],
  ]);
});

test('other numbers of sinks; none is a plain window', () => {
  expect(keptBy(streamingLlm, layer, 5, { sinks: 1 })[0]).toEqual([0, 6, 7, 8, 9]);
  expect(keptBy(streamingLlm, layer, 3, { sinks: 0 })[0]).toEqual([7, 8, 9]);
});

test('a budget below the sinks keeps the first of them; a full one keeps all', () => {
  expect(scoresOf(streamingLlm, layer, 2)[0]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  expect(keptBy(streamingLlm, layer, 2)[0]).toEqual([0, 1]);
  expect(scoresOf(streamingLlm, layer, 10)[0]).toEqual(new Array(10).fill(1));
});

test('refuses a text that is all sinks, and names both numbers', () => {
  expect(() => scoresOf(streamingLlm, layer, 5, { sinks: 10 })).toThrow('there are 10 tokens and 10 sinks');
  expect(() => scoresOf(streamingLlm, layer, 5, { sinks: 9 })).not.toThrow();
});

test('a budget that is not whole is cut off', () => {
  expect(scoresOf(streamingLlm, layer, 6.9)).toEqual(scoresOf(streamingLlm, layer, 6));
});

// Ten tokens were read, and the heads hold eight and three of them: by order, two and none are dropped behind four sinks.
test('heads that hold less drop less', () => {
  const held = heldOf(layer, [
    [0, 1, 2, 3, 6, 7, 8, 9],
    [0, 1, 9],
  ]);
  expect(scoresOf(streamingLlm, held, 6)).toEqual([
    [1, 1, 1, 1, 0, 0, 1, 1],
    [1, 1, 1],
  ]);
});

test('fits itself to a text that is shorter than its sinks', () => {
  expect(streamingLlm.fit!({ sinks: 4 }, 10, 3)).toEqual({ sinks: 4 });
  expect(streamingLlm.fit!({ sinks: 64 }, 10, 3)).toEqual({ sinks: 9 });
});
