import { cam } from './cam.ts';
import { compact } from './compact.ts';
import { d2o } from './d2o.ts';
import { drop } from './drop.ts';
import { merge } from './merge.ts';
import { rerotate } from './rerotate.ts';
import type { FateMember } from './types.ts';

/** Every fate, in alphabetical order: the table of contents of this folder. Add a fate here. */
export const fates: readonly FateMember[] = [cam, compact, d2o, drop, merge, rerotate];
