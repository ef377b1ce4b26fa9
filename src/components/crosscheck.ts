import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { weightsHash } from './built.ts';

type Crosscheck = typeof import('../../public/data/crosscheck.json');

/** What `npm run crosscheck -- --out public/data/crosscheck.json` found, on the weights that were shipped then. */
export const crosscheck = JSON.parse(
  readFileSync(join(process.cwd(), 'public/data/crosscheck.json'), 'utf8'),
) as Crosscheck;

/** Whether those are the weights that the site ships now. */
export const sameWeights = crosscheck.weights_sha256 === weightsHash;
