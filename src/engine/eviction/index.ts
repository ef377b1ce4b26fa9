import { criticalkv } from './criticalkv.ts';
import { full } from './full.ts';
import { h2o } from './h2o.ts';
import { inverted } from './inverted.ts';
import { knorm } from './knorm.ts';
import { oracle } from './oracle.ts';
import { protectedScore } from './protected.ts';
import { random } from './random.ts';
import { snapkv } from './snapkv.ts';
import { streamingLlm } from './streaming-llm.ts';
import { tova } from './tova.ts';
import type { ScoreMember } from './types.ts';

/** Every score, in alphabetical order: the table of contents of this folder. Add a score here. */
export const scores: readonly ScoreMember[] = [
  criticalkv,
  full,
  h2o,
  inverted,
  knorm,
  oracle,
  protectedScore,
  random,
  snapkv,
  streamingLlm,
  tova,
];
