import { capkv } from './capkv.ts';
import { compactor } from './compactor.ts';
import { compresskv } from './compresskv.ts';
import { criticalkv } from './criticalkv.ts';
import { cur } from './cur.ts';
import { duoAttention } from './duo-attention.ts';
import { expectedAttention } from './expected-attention.ts';
import { finch } from './finch.ts';
import { full } from './full.ts';
import { h2o } from './h2o.ts';
import { intentkv } from './intentkv.ts';
import { inverted } from './inverted.ts';
import { keydiff } from './keydiff.ts';
import { knorm } from './knorm.ts';
import { kvcompose } from './kvcompose.ts';
import { kvzip } from './kvzip.ts';
import { lagkv } from './lagkv.ts';
import { leverage } from './leverage.ts';
import { noncausalAttn } from './noncausal-attn.ts';
import { observedAttention } from './observed-attention.ts';
import { oracle } from './oracle.ts';
import { polykv } from './polykv.ts';
import { protectedScore } from './protected.ts';
import { qFilter } from './q-filter.ts';
import { rKv } from './r-kv.ts';
import { random } from './random.ts';
import { simlayerkv } from './simlayerkv.ts';
import { snapkv } from './snapkv.ts';
import { streamingLlm } from './streaming-llm.ts';
import { tova } from './tova.ts';
import { triattention } from './triattention.ts';
import type { ScoreMember } from './types.ts';

/** Every score, in alphabetical order: the table of contents of this folder. Add a score here. */
export const scores: readonly ScoreMember[] = [
  capkv,
  compactor,
  compresskv,
  criticalkv,
  cur,
  duoAttention,
  expectedAttention,
  finch,
  full,
  h2o,
  intentkv,
  inverted,
  keydiff,
  knorm,
  kvcompose,
  kvzip,
  lagkv,
  leverage,
  noncausalAttn,
  observedAttention,
  oracle,
  polykv,
  protectedScore,
  qFilter,
  rKv,
  random,
  simlayerkv,
  snapkv,
  streamingLlm,
  tova,
  triattention,
];
