/** One model of each architecture, worked out by hand from its config.json. */
import { expect, test } from 'vitest';
import { architectures } from '../../src/calculator/architectures.ts';
import { models } from '../../src/calculator/models.ts';
import { sizeOf, type Load } from '../../src/calculator/size.ts';

const load: Load = { tokens: 10_000, sequences: 1, keys: 'f16', values: 'f16', block: 16, keep: 1 };
const size = (id: string, change: Partial<Load> = {}) =>
  sizeOf(models.find((model) => model.id === id)!.parts, { ...load, ...change });

test('there are at least 25 models, and one of every architecture', () => {
  expect(models.length).toBeGreaterThanOrEqual(25);
  expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
  expect(new Set(models.map(({ architecture }) => architecture))).toEqual(new Set(architectures));
  for (const { source, read } of models) expect([source, read.url].every((url) => /^https:\/\//.test(url))).toBe(true);
});

test('no model type is claimed by two architectures', () => {
  const types = architectures.flatMap(({ modelTypes }) => modelTypes);
  expect(new Set(types).size).toBe(types.length);
});

test('multi-head: Llama 2 7B has a KV head for each of 32 query heads', () => {
  // 32 layers × 32 heads × 128 × 2 × 2 B = 524,288 B a token.
  expect(size('llama-2-7b')).toMatchObject({ further: 524_288, live: 5_242_880_000 });
});

test('multi-head, grouped, head_dim written out: Qwen3 0.6B has 128, not 1024 / 16', () => {
  // 28 layers × 8 × 128 × 2 × 2 B = 114,688 B.
  expect(size('qwen3-0.6b')).toMatchObject({ further: 114_688, live: 1_146_880_000 });
});

test('multi-head: experts keep nothing, so Qwen3 30B-A3B has 48 layers of 4 heads', () => {
  expect(size('qwen3-30b-a3b').further).toBe(48 * 4 * 128 * 2 * 2);
});

test('latent: DeepSeek-V3 writes 512 + 64 numbers a token and layer, once', () => {
  // 61 × 576 × 2 B = 70,272 B. The type of values does not matter: there are none.
  expect(size('deepseek-v3').further).toBe(70_272);
  expect(size('deepseek-v3', { values: 'q4_0' }).further).toBe(70_272);
  // q8_0: 18 blocks of 34 B are 612 B.
  expect(size('deepseek-v3', { keys: 'q8_0' }).further).toBe(61 * 612);
});

test('latent with an indexer: DeepSeek-V3.2 adds 128 B and a scale of 4 B a token and layer, whatever the type', () => {
  expect(size('deepseek-v3.2').further).toBe(61 * (576 * 2 + 132));
  expect(size('deepseek-v3.2', { keys: 'q8_0' }).further).toBe(61 * (612 + 132));
});

test('sliding windows: every sixth layer of Gemma 3 27B sees all, ten of 62', () => {
  // A layer takes 16 × 128 × 2 × 2 B = 8,192 B a token. 10 × 8,192 × 10,000 + 52 × 8,192 × 1,024.
  expect(size('gemma-3-27b')).toMatchObject({ further: 81_920, live: 819_200_000 + 436_207_616 });
  // Shorter than the window, all 62 grow.
  expect(size('gemma-3-27b', { tokens: 500 })).toMatchObject({ further: 62 * 8192, live: 62 * 8192 * 500 });
  // At its end they have stopped.
  expect(size('gemma-3-27b', { tokens: 1024 }).further).toBe(81_920);
});

test('sliding windows with heads of their own: MiMo-V2-Flash, keys of 192 and values of 128', () => {
  // 9 layers × 4 × (192 + 128) × 2 B × 10,000, and 39 layers × 8 × (192 + 128) × 2 B × 128.
  expect(size('mimo-v2-flash').live).toBe(230_400_000 + 25_559_040);
});

test('chunks: every fourth layer of Llama 4 Scout sees all, the others at most 8,192 tokens', () => {
  expect(size('llama-4-scout').live).toBe(12 * 4096 * 10_000 + 36 * 4096 * 8192);
});

test('linear attention: every fourth layer of Qwen3.5 122B-A10B keeps tokens, the others a state', () => {
  // 12 × 2 × 256 × 2 × 2 B = 24,576 B a token.
  // A state: 64 × 128 × 128 numbers, and 3 × (2 × 16 × 128 + 64 × 128) = 36,864 of the convolution: 1,085,440 × 4 B in 36 layers.
  expect(size('qwen3.5-122b-a10b')).toMatchObject({ further: 24_576, live: 245_760_000 + 36 * 1_085_440 * 4 });
  expect(size('qwen3.5-122b-a10b', { sequences: 3 }).live).toBe(3 * (245_760_000 + 156_303_360));
});

test('Mamba: 4 of 32 layers of Jamba are attention', () => {
  // A state: 2 × 4096 channels × (16 + 3).
  expect(size('jamba-v0.1')).toMatchObject({ further: 4 * 8 * 128 * 4, live: 163_840_000 + 28 * 8192 * 19 * 4 });
});

test('Mamba-2: Nemotron 3 Super has 8 layers of attention, 40 of Mamba, 40 of experts', () => {
  const { parts } = models.find(({ id }) => id === 'nemotron-3-super')!;
  expect(parts.map(({ layers }) => layers)).toEqual([8, 40, 40]);
  // 128 heads × 64 × 128 = 1,048,576 numbers (glennklockwood.com/garden/Nemotron-3), and 3 × (8,192 + 2 × 8 × 128) of the convolution.
  expect(parts[1]).toMatchObject({ numbers: 1_048_576 + 30_720 });
});

test('shared layers: 20 of 35 layers of Gemma 3n E4B write, 4 of them see all', () => {
  // A layer: 2 × 256 × 2 × 2 B = 2,048 B a token.
  expect(size('gemma-3n-e4b').live).toBe(4 * 2048 * 10_000 + 16 * 2048 * 512);
});

test('shared layers: half of the layers of Hunyuan-Large write', () => {
  // 32 × 8 × 80 × 2 × 2 B.
  expect(size('hunyuan-large').further).toBe(81_920);
});

test('wider heads where all is seen: Gemma 4 26B-A4B has 2 of 512 there and 8 of 256 in windows', () => {
  expect(size('gemma-4-26b-a4b').live).toBe(5 * 4096 * 10_000 + 25 * 8192 * 1024);
});

test('layers without attention: 49 of 80 in Nemotron Super 49B', () => {
  expect(size('nemotron-super-49b').further).toBe(49 * 8 * 128 * 4);
});
