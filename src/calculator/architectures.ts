import { deltaNet } from './delta-net.ts';
import { latent } from './latent.ts';
import { mamba } from './mamba.ts';
import { multiHead } from './multi-head.ts';
import { perLayer } from './per-layer.ts';
import { sharedLayers } from './shared-layers.ts';
import { slidingWindow } from './sliding-window.ts';
import type { Architecture } from './types.ts';

/** Every way of keeping a text that is computed here. */
export const architectures: readonly Architecture[] = [
  deltaNet,
  latent,
  mamba,
  multiHead,
  perLayer,
  sharedLayers,
  slidingWindow,
];
