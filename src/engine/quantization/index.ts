import { kivi } from './kivi.ts';
import { perLayer } from './per-layer.ts';
import type { CodecMember } from './types.ts';

/** Every codec, in alphabetical order: the table of contents of this folder. Add a codec here. */
export const codecs: readonly CodecMember[] = [kivi, perLayer];
