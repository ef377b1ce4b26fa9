/** The words that an entry may use. They stand apart from the schema, because the page of the catalog needs them and not Zod. */

export const entryKinds = [
  'method',
  'system',
  'infrastructure',
  'hardware',
  'reference',
  'part',
  'article',
  'essay',
  'question',
] as const;
export type EntryKind = (typeof entryKinds)[number];

/** Kinds that are no way to save memory, and so stand apart from those that are, each under a heading of its own. */
export const aside = {
  infrastructure: {
    name: 'Infrastructure',
    about: 'What methods run in and on: pools, stores, machines.',
    kinds: ['infrastructure', 'hardware'],
  },
  reference: {
    name: 'Lines to compare with',
    about: 'The ends of the scale, and the parts that lanes here are made of.',
    kinds: ['reference', 'part'],
  },
  writing: {
    name: 'Articles and questions',
    about: 'What is said and asked about all of them.',
    kinds: ['article', 'essay', 'question'],
  },
} as const satisfies Readonly<Record<string, { name: string; about: string; kinds: readonly EntryKind[] }>>;
export type Aside = keyof typeof aside;
export const asides = Object.keys(aside) as Aside[];

/**
 * The levers, in their order, and what stands under none of them. Each is written by its name here and in the hue of its key, the class .hue-KEY in
 * styles/colours.css. One that stands `under` another is a kind of it: it has a name of its own, the other's hue, and an open square for a full one.
 * A sparse read belongs to fetching back, since both decide at every step, for the query at hand, what is read. It moves nothing, and what it reads is bounded.
 */
export const leverWords = {
  evict: { name: 'evict', about: 'Judge tokens, keep some, drop the rest.' },
  page: { name: 'page', about: 'Hand out memory in blocks, and get it back.' },
  compress: { name: 'compress', about: 'Keep every token, in fewer bits or channels.' },
  fetch: { name: 'fetch back', about: 'Move tokens out of fast memory, and bring back those that are asked for.' },
  read: {
    name: 'sparse read',
    about: 'Keep every token where it is, and read a few of them at each step.',
    under: 'fetch',
  },
  reuse: { name: 'reuse', about: 'Compute keys and values once, and use them again elsewhere.' },
  train: { name: 'train for it', about: 'Change the model, so that there is less to keep.' },
  none: { name: 'no lever', about: 'Nothing of this is pulled, or it is not known what.' },
} as const satisfies Readonly<Record<string, { name: string; about: string; under?: string }>>;
export type LeverGroup = keyof typeof leverWords;
export type Lever = Exclude<LeverGroup, 'none'>;
export const leverGroups = Object.keys(leverWords) as LeverGroup[];
export const levers = leverGroups.filter((group) => group !== 'none');
/** The lever that another is a kind of. */
export const parentOf = (lever: LeverGroup): LeverGroup | undefined => {
  const word: { readonly name: string; readonly under?: LeverGroup } = leverWords[lever];
  return word.under;
};

export const phases = ['prefill', 'decode', 'between-turns', 'training'] as const;
export type Phase = (typeof phases)[number];

/**
 * How a field says that it holds nothing. "Not stated": somebody looked and found nothing, and the entry's sources say where. "Not looked up": nobody has
 * looked yet.
 */
export const notStated = 'not stated';
export const notLookedUp = 'not looked up';
export const doesNotApply = 'does not apply';
/** Why an entry has no authors. */
export const unsigned = [doesNotApply, notStated, notLookedUp] as const;

export const marks = ['yes', 'partly', 'no', doesNotApply, notStated, notLookedUp] as const;
export type Mark = (typeof marks)[number];

export const attentions = ['none', 'window', 'full', notStated, notLookedUp] as const;
/** A side module is trained beside the model, which stays as it is. */
export const trainings = ['none', 'optional', 'calibration', 'side module', 'full', notStated, notLookedUp] as const;
export const budgets = [
  'uniform',
  'per layer',
  'per head',
  'per layer and head',
  'per token',
  'none',
  notStated,
  notLookedUp,
] as const;

/** What an entry is asked to work with, in the order in which marks stand beside each other. */
export const companions = ['fusedAttention', 'fitsPages', 'freesPages', 'prefixCaching', 'gqa'] as const;
export type Companion = (typeof companions)[number];

/** @property says the fact as it stands before a mark: "fused attention: yes" */
export const companionNames: Readonly<Record<Companion, { facet: string; says: string; short: string }>> = {
  fusedAttention: { facet: 'Works with fused attention', says: 'fused attention', short: 'fused' },
  fitsPages: { facet: 'Fits in pages', says: 'fits in pages', short: 'fits' },
  freesPages: { facet: 'Gives pages back', says: 'gives pages back', short: 'frees' },
  prefixCaching: { facet: 'Works with prefix caching', says: 'prefix caching', short: 'prefix' },
  gqa: { facet: 'Works with grouped queries', says: 'grouped queries (GQA)', short: 'GQA' },
};

/** Software in which a method can be switched on by whoever installs it. Keys are the words in addresses. */
export const servers = {
  vllm: 'vLLM',
  sglang: 'SGLang',
  'tensorrt-llm': 'TensorRT-LLM',
  'llama-cpp': 'llama.cpp',
  transformers: 'Transformers',
  kvpress: 'kvpress',
} as const;
export type Server = keyof typeof servers;
export const serverKeys = Object.keys(servers) as [Server, ...Server[]];
export const unserved = [doesNotApply, 'none found', notLookedUp] as const;

/** For whom an entry was made, or where it was measured. */
export const uses = ['one user', 'many users', 'agents', 'long prompts', 'long answers'] as const;

export const phaseWords: Readonly<Record<Phase, string>> = {
  prefill: 'after the prompt',
  decode: 'while answering',
  'between-turns': 'between turns',
  training: 'in training',
};
