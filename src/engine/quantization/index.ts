import { fp8 } from './fp8.ts';
import { iq4_nl } from './iq4_nl.ts';
import { kivi } from './kivi.ts';
import { perChannel } from './per-channel.ts';
import { perLayer } from './per-layer.ts';
import { perTensor } from './per-tensor.ts';
import { perToken } from './per-token.ts';
import { q4_0 } from './q4_0.ts';
import { q4_1 } from './q4_1.ts';
import { q5_0 } from './q5_0.ts';
import { q5_1 } from './q5_1.ts';
import { q8_0 } from './q8_0.ts';
import type { CodecMember } from './types.ts';

/** Every codec, in alphabetical order: the table of contents of this folder. Add a codec here. */
export const codecs: readonly CodecMember[] = [
  fp8,
  iq4_nl,
  kivi,
  perChannel,
  perLayer,
  perTensor,
  perToken,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q8_0,
];
