import { everything } from './everything.ts';
import { infinigen } from './infinigen.ts';
import { infllm } from './infllm.ts';
import { kvflash } from './kvflash.ts';
import { lookahead } from './lookahead.ts';
import { quest } from './quest.ts';
import { records } from './records.ts';
import { shadowkv } from './shadowkv.ts';
import type { RetrievalMember } from './types.ts';

/** Every way to read, in alphabetical order: the table of contents of this folder. Add one here. */
export const retrievals: readonly RetrievalMember[] = [
  everything,
  infinigen,
  infllm,
  kvflash,
  lookahead,
  quest,
  records,
  shadowkv,
];
