import { full } from './full.ts';
import { h2o } from './h2o.ts';
import { knorm } from './knorm.ts';
import { oracle } from './oracle.ts';
import { random } from './random.ts';
import { snapkv } from './snapkv.ts';
import { streamingLlm } from './streaming-llm.ts';
import { tova } from './tova.ts';
import type { Policy } from './types.ts';

/** Every policy, in alphabetical order: the table of contents of this folder. Add a policy here. */
const list: readonly Policy[] = [full, h2o, knorm, oracle, random, snapkv, streamingLlm, tova];

export const policies: Readonly<Record<string, Policy>> = Object.fromEntries(
  list.map((policy) => [policy.name, policy]),
);
