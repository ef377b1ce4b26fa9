import { z } from 'astro/zod';
import {
  attentions,
  budgets,
  entryKinds,
  levers,
  marks,
  notLookedUp,
  phases,
  serverKeys,
  trainings,
  unserved,
  unsigned,
  uses,
} from './values.ts';

/** One entry of the catalog. This schema is the only source of the type; `content/methods/*.md` are checked against it at build time. */

const sentence = z.string().min(10);
const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const link = z.url({ protocol: /^https?$/ });
const verdicts: readonly string[] = ['yes', 'partly', 'no'];

/** @property derived true where no source says it, and it follows from the mechanism for the reason given */
const marked = z
  .strictObject({ mark: z.enum(marks), why: sentence.optional(), derived: z.literal(true).optional() })
  .refine(({ mark, why }) => why !== undefined || mark === notLookedUp, 'only "not looked up" stands without a why')
  .refine(({ mark, derived }) => !derived || verdicts.includes(mark), 'only yes, partly and no can be derived');

/** Software that has it, how it is switched on there, and where that stands. */
const served = z.strictObject({ server: z.enum(serverKeys), how: sentence, source: link });

/**
 * A number that somebody else reported, never without its setting. What the source leaves open is written "not stated", and what nobody has looked for
 * there "not looked up".
 */
const claim = z.strictObject({
  number: z.string().min(1),
  metric: z.string().min(2),
  model: z.string().min(2),
  benchmark: z.string().min(2),
  budget: z.string().min(2),
  baseline: z.string().min(2),
  date: z.string().min(4),
  source: link,
  caveat: sentence.optional(),
});

const fields = z.strictObject({
  name: z.string().min(2),
  /** Longer or other names under which it is searched. */
  aliases: z.array(z.string()).default([]),
  /** What it does, in one sentence that stands alone in a list. */
  idea: sentence.max(170),
  /** Its number in the founding list of 23. */
  founding: z.int().min(1).max(23).optional(),
  /** By the order of the work, as one says the name: "Ada Lovelace", "Martin King, Jr.". */
  authors: z.array(z.string().min(2)),
  /** Why there are no authors. */
  unsigned: z.enum(unsigned).optional(),
  /** Where the work was published, with its year where that differs from the first: "ICLR 2024". */
  venue: z.string().min(3).default(notLookedUp),
  organisation: z.string().optional(),
  /** First published: a year, a month or a day. */
  date: z
    .string()
    .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/)
    .optional(),
  kind: z.enum(entryKinds),
  levers: z.array(z.enum(levers)),
  phases: z.array(z.enum(phases)),
  needs: z.strictObject({
    attention: z.enum(attentions),
    queries: z.enum(marks),
    training: z.enum(trainings),
    secondModel: z.enum(marks),
  }),
  worksWith: z.strictObject({
    fusedAttention: marked,
    /** What it keeps can lie in pages of a fixed size. */
    fitsPages: marked,
    /** Whole pages fall free, so that others get the memory. */
    freesPages: marked,
    prefixCaching: marked,
    gqa: marked,
  }),
  servedBy: z.union([z.array(served).min(1), z.enum(unserved)]).default(notLookedUp),
  madeFor: z.array(z.enum(uses)).default([]),
  budget: z.enum(budgets),
  lossless: z.enum(marks),
  reversible: z.enum(marks),
  /** What is kept, dropped or moved as one piece: a token, a page, a channel. */
  granularity: z.string().min(3),
  claims: z.array(claim),
  /** Only addresses that were really found. */
  links: z.array(
    z.strictObject({
      kind: z.enum(['paper', 'code', 'post', 'docs']),
      title: z.string().min(3),
      url: link,
      /** The code of the authors themselves. */
      official: z.literal(true).optional(),
    }),
  ),
  /** Where the entry's facts come from. */
  sources: z.array(z.strictObject({ fact: sentence, source: z.string().min(5) })).min(1),
  /** What runs here: a lane spec; the id of a figure, for what is no lane; or the reason why nothing does yet. */
  runs: z.union([
    z.strictObject({ lane: z.string().min(2) }),
    z.strictObject({ figure: slug }),
    z.strictObject({ notYet: sentence }),
  ]),
  /** Key into the measured results in public/data. */
  measured: z.string().optional(),
  buildsOn: z.array(slug).default([]),
  comparedWith: z.array(slug).default([]),
  confusedWith: z.array(slug).default([]),
  /** When the entry was added here. */
  added: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
});

export const method = fields.refine(
  ({ authors, unsigned }) => authors.length > 0 !== (unsigned !== undefined),
  `authors, or "authors: []" and under "unsigned" why not: ${unsigned.join(', ')}`,
);

export type Method = z.output<typeof method>;

export type Claim = Method['claims'][number];

/** A file of content/methods: its name without the ending, and what its front matter holds. */
export interface Entry {
  readonly id: string;
  readonly data: Method;
}
