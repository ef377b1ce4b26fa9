import type { Kernels } from './types.ts';
import { plain } from './plain.ts';
import { simd } from './simd.ts';

/** The fastest kernels that this machine can run, with room for arrays of `bytes` together. */
export const kernels = (bytes: number): Kernels => simd(bytes) ?? plain();
