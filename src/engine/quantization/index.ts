import { cachegen } from './cachegen.ts';
import { fp8 } from './fp8.ts';
import { iq4_nl } from './iq4_nl.ts';
import { kivi } from './kivi.ts';
import { kvquant } from './kvquant.ts';
import { lowRank } from './low-rank.ts';
import { only } from './only.ts';
import { perChannel } from './per-channel.ts';
import { perLayer } from './per-layer.ts';
import { perTensor } from './per-tensor.ts';
import { perToken } from './per-token.ts';
import { polarquant } from './polarquant.ts';
import { q4_0 } from './q4_0.ts';
import { q4_1 } from './q4_1.ts';
import { q5_0 } from './q5_0.ts';
import { q5_1 } from './q5_1.ts';
import { q8_0 } from './q8_0.ts';
import { qjl } from './qjl.ts';
import { qvg } from './qvg.ts';
import { think } from './think.ts';
import { turboquant } from './turboquant.ts';
import type { CodecMember } from './types.ts';

/** Every codec, in alphabetical order: the table of contents of this folder. Add a codec here. */
export const codecs: readonly CodecMember[] = [
  cachegen,
  fp8,
  iq4_nl,
  kivi,
  kvquant,
  lowRank,
  only,
  perChannel,
  perLayer,
  perTensor,
  perToken,
  polarquant,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q8_0,
  qjl,
  qvg,
  think,
  turboquant,
];
