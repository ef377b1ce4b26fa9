import type { Fields } from './fields.ts';

/** What one kind of layers of a model keeps of a text. A model is a list of these. */
export type Part =
  /** Keys and values of KV heads: `keys` and `values` are the numbers of one head, `window` the newest tokens that are kept, if not all. */
  | { kind: 'heads'; layers: number; kvHeads: number; keys: number; values: number; window?: number; note: string }
  /** One row for keys and values together, `width` numbers of a token: what multi-head latent attention keeps. */
  | { kind: 'latent'; layers: number; width: number; note: string }
  /** Bytes of a token whose form no cache type changes. */
  | { kind: 'fixed'; layers: number; bytes: number; note: string }
  /** A state of `numbers` 32-bit floats for each sequence, however long it is. */
  | { kind: 'state'; layers: number; numbers: number; note: string }
  /** Layers that keep nothing of their own. */
  | { kind: 'nothing'; layers: number; note: string };

/** How a family of models keeps its text, read from the fields of their config.json. */
export interface Architecture {
  readonly name: string;
  /** What it is called on the page, in a few words. */
  readonly title: string;
  /** The values of `model_type` that it reads. */
  readonly modelTypes: readonly string[];
  /** @throws Refusal when a field is missing, or says something that this reading does not know */
  parts(fields: Fields): Part[];
}

/** Why a config.json is not computed, in one sentence for its reader. */
export class Refusal extends Error {}
