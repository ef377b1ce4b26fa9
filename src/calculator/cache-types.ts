/**
 * How numbers of a cache are written: `bytes` for every `numbers` of them. The types of ggml write blocks of 32 numbers: their codes, a 16-bit scale, and
 * in the _1 types a 16-bit minimum (ggml-org/llama.cpp, ggml/src/ggml-common.h). KIVI's groups of 32 have a 16-bit scale and a 16-bit zero (arXiv
 * 2402.02750); its newest tokens, which wait at 16 bits, are left out here.
 */
export const cacheTypes = {
  f16: { numbers: 1, bytes: 2 },
  bf16: { numbers: 1, bytes: 2 },
  fp8: { numbers: 1, bytes: 1 },
  q8_0: { numbers: 32, bytes: 34 },
  q5_1: { numbers: 32, bytes: 24 },
  q5_0: { numbers: 32, bytes: 22 },
  q4_1: { numbers: 32, bytes: 20 },
  q4_0: { numbers: 32, bytes: 18 },
  iq4_nl: { numbers: 32, bytes: 18 },
  'kivi-4': { numbers: 32, bytes: 20 },
  'kivi-2': { numbers: 32, bytes: 12 },
} as const;

export type CacheType = keyof typeof cacheTypes;

export const cacheTypeNames = Object.keys(cacheTypes) as CacheType[];

/** The ones that llama-server takes for -ctk and -ctv. */
export const ggmlTypes = cacheTypeNames.filter((name) => name !== 'fp8' && !name.startsWith('kivi'));

/** Bytes of a row: blocks are whole, so a row that ends within one pays for all of it. */
export const rowBytes = (type: CacheType, numbers: number): number =>
  Math.ceil(numbers / cacheTypes[type].numbers) * cacheTypes[type].bytes;
