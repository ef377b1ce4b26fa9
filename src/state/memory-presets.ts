import type { CalculatorView } from './calculator-view.ts';

/**
 * The question that the memory bar answers (content/methods/llama-cpp-swap.md): a 4-bit Qwen 3.5 of about 122B parameters on a 96 GB M2 Max with
 * `-c 150000 -np 1 -fa on -cram 6000`. The file of weights is between the 69 and 75 GB that calculators give; buffers and system are assumed.
 */
const asked: Partial<CalculatorView> = {
  host: 'qwen3.5-122b-a10b',
  gib: 96,
  weights: 72,
  ctx: 150_000,
  np: 1,
  ctk: 'f16',
  ctv: 'f16',
  ctxcp: 32,
  cram: 6000,
  buffers: 2,
  system: 8,
  wired: 0,
};

/** What is done first about it, and what last: fewer copies of state, then smaller types, then a limit that leaves the system 8 GiB. */
const advised: Partial<CalculatorView> = { ...asked, ctxcp: 4, cram: 0, ctk: 'q8_0', ctv: 'q8_0', wired: 88 * 1024 };

export const memoryPresets = [
  ['as it was asked', asked],
  ['as it is advised', advised],
] as const;
