import { everything } from './everything.ts';
import { kvflash } from './kvflash.ts';
import { lookahead } from './lookahead.ts';
import { quest } from './quest.ts';
import { records } from './records.ts';
import type { RetrievalMember } from './types.ts';

/** Every way to read, in alphabetical order: the table of contents of this folder. Add one here. */
export const retrievals: readonly RetrievalMember[] = [everything, kvflash, lookahead, quest, records];
