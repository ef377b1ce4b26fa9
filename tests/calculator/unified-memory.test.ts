import { expect, test } from 'vitest';
import { models } from '../../src/calculator/models.ts';
import { activeBytes, checkpointBytes, unifiedMemory, type Setup } from '../../src/calculator/unified-memory.ts';

const [mib, gib] = [2 ** 20, 2 ** 30];
const partsOf = (id: string) => models.find((model) => model.id === id)!.parts;

/** The asker's case. */
const setup: Setup = {
  memory: 96 * gib,
  weights: 72e9,
  tokens: 150_000,
  slots: 1,
  keys: 'f16',
  values: 'f16',
  checkpoints: 32,
  promptCache: 6000 * mib,
  buffers: 2 * gib,
  system: 8 * gib,
  wiredLimit: 0,
};
const qwen = partsOf('qwen3.5-122b-a10b');

test('the asker’s case, pool by pool', () => {
  // Cells: 150,000 is rounded up to 586 × 256 = 150,016, of 24,576 B. A checkpoint is the state, 156,303,360 B.
  const { pools, total, wired } = unifiedMemory(qwen, setup);
  expect(Object.fromEntries(pools.map(({ name, bytes }) => [name, bytes]))).toEqual({
    weights: 72e9,
    'active cache': 150_016 * 24_576,
    states: 156_303_360,
    'compute buffers': 2 * gib,
    checkpoints: 32 * 156_303_360,
    'prompt cache': 6000 * mib,
    system: 8 * gib,
  });
  expect(wired).toBe(72e9 + 150_016 * 24_576 + 156_303_360 + 2 * gib);
  expect(total).toBe(wired + 32 * 156_303_360 + 6000 * mib + 8 * gib);
});

test('types move the active cache, and not the states', () => {
  // 12 layers × 2 × 512 numbers in q8_0: 16 blocks of 34 B each.
  expect(activeBytes(qwen, { ...setup, keys: 'q8_0', values: 'q8_0' })).toBe(150_016 * 12 * 2 * 544);
  expect(checkpointBytes(qwen, { keys: 'q8_0', values: 'q8_0' })).toBe(156_303_360);
});

test('slots multiply states and checkpoints, and leave the active cache: its tokens are those of all slots', () => {
  const four = unifiedMemory(qwen, { ...setup, slots: 4 }).pools;
  expect(four.find(({ name }) => name === 'checkpoints')!.bytes).toBe(4 * 32 * 156_303_360);
  expect(four.find(({ name }) => name === 'states')!.bytes).toBe(4 * 156_303_360);
  expect(activeBytes(qwen, { ...setup, slots: 4 })).toBe(activeBytes(qwen, setup));
});

test('18.7 GiB of checkpoints: a 27B hybrid with 4 slots (unslothai/unsloth pull request 11073)', () => {
  const { pools } = unifiedMemory(partsOf('qwen3.5-27b'), { ...setup, slots: 4 });
  expect(pools.find(({ name }) => name === 'checkpoints')!.bytes / gib).toBeCloseTo(18.7, 1);
});

test('a window has room for itself and for what is read at once', () => {
  // 1,024 + 512 = 1,536 cells in 52 layers; 32,768 cells in 10; 8,192 B each.
  const gemma = partsOf('gemma-3-27b');
  expect(activeBytes(gemma, { ...setup, tokens: 32_768 })).toBe(8192 * (10 * 32_768 + 52 * 1536));
  // Never more than the context, rounded up to 1,024 cells.
  expect(activeBytes(gemma, { ...setup, tokens: 1000, slots: 4 })).toBe(8192 * 62 * 1024);
  expect(checkpointBytes(gemma, setup)).toBe(52 * 1024 * 8192);
});

test('a model that keeps every token has no checkpoints and no states', () => {
  const { pools } = unifiedMemory(partsOf('llama-3.1-8b'), setup);
  expect(pools.find(({ name }) => name === 'checkpoints')!.bytes).toBe(0);
  expect(pools.map(({ name }) => name)).not.toContain('states');
});
