/** The words that an entry may use. They stand apart from the schema, because the page of the catalog needs them and not Zod. */

export const entryKinds = ['method', 'system', 'hardware', 'article', 'essay', 'question'] as const;
export type EntryKind = (typeof entryKinds)[number];

/**
 * The levers, in their order, and what stands under none of them. Each is written by its name here and in the hue of its key, the class .hue-KEY in
 * styles/colours.css.
 */
export const leverWords = {
  evict: { name: 'evict', about: 'Judge tokens, keep some, drop the rest.' },
  page: { name: 'page', about: 'Hand out memory in blocks, and get it back.' },
  compress: { name: 'compress', about: 'Keep every token, in fewer bits or channels.' },
  fetch: { name: 'fetch back', about: 'Move tokens out of fast memory, and bring back those that are asked for.' },
  reuse: { name: 'reuse', about: 'Compute keys and values once, and use them again elsewhere.' },
  train: { name: 'train for it', about: 'Change the model, so that there is less to keep.' },
  none: { name: 'no lever', about: 'Lines to compare with, machines, and questions.' },
} as const;
export type LeverGroup = keyof typeof leverWords;
export type Lever = Exclude<LeverGroup, 'none'>;
export const leverGroups = Object.keys(leverWords) as LeverGroup[];
export const levers = leverGroups.filter((group) => group !== 'none');

export const phases = ['prefill', 'decode', 'between-turns', 'training'] as const;
export type Phase = (typeof phases)[number];

export const marks = ['yes', 'no', 'partly', 'not stated'] as const;
export type Mark = (typeof marks)[number];

export const attentions = ['none', 'window', 'full', 'not stated'] as const;
export const trainings = ['none', 'calibration', 'full', 'not stated'] as const;
export const budgets = [
  'uniform',
  'per layer',
  'per head',
  'per layer and head',
  'per token',
  'none',
  'not stated',
] as const;

/** What an entry is asked to work with, in the order in which marks stand beside each other. */
export const companions = ['fusedAttention', 'pagedCache', 'prefixCaching', 'gqa'] as const;
export type Companion = (typeof companions)[number];

export const companionNames: Readonly<Record<Companion, { name: string; short: string }>> = {
  fusedAttention: { name: 'fused attention', short: 'fused' },
  pagedCache: { name: 'a paged cache', short: 'paged' },
  prefixCaching: { name: 'prefix caching', short: 'prefix' },
  gqa: { name: 'grouped queries (GQA)', short: 'GQA' },
};

export const phaseWords: Readonly<Record<Phase, string>> = {
  prefill: 'after the prompt',
  decode: 'while answering',
  'between-turns': 'between turns',
  training: 'in training',
};
