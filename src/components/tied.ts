import { join } from 'node:path';
import type { Within } from '../engine/measure/interval.ts';
import { weightsHash } from './built.ts';
import { read } from './evaluation.ts';

/** What one kind of keys says of the values. */
export interface Told {
  /** [layer][kv_head] */
  readonly explained: readonly (readonly number[])[];
  readonly kl: number;
  readonly kl_within: Within;
  /** [layer][kv_head] */
  readonly kl_alone: readonly (readonly number[])[];
}

/** What `npm run tied -- --out public/data/tied.json` found. */
export interface Tied {
  readonly weights_sha256: string;
  readonly texts: number;
  readonly tokens: number;
  readonly asked: number;
  readonly before_rope: Told;
  readonly cached: Told;
}

const found = read<Tied>(join(process.cwd(), 'public/data/tied.json'));

/** Undefined where it was measured on other weights than the site ships. */
export const tied = found?.weights_sha256 === weightsHash ? found : undefined;
