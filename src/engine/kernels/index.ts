import type { Kernels } from './types.ts';
import { plain } from './plain.ts';
import { simd } from './simd.ts';

/** The fastest kernels that this machine can run. */
export const kernels = (): Kernels => simd() ?? plain();
