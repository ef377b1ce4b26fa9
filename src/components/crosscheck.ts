import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelFolder } from './built.ts';

type Crosscheck = typeof import('../../public/data/crosscheck.json');

/** What `npm run crosscheck -- --out public/data/crosscheck.json` found, on the weights that were shipped then. */
export const crosscheck = JSON.parse(
  readFileSync(join(process.cwd(), 'public/data/crosscheck.json'), 'utf8'),
) as Crosscheck;

const shipped = createHash('sha256')
  .update(readFileSync(join(modelFolder, 'model.safetensors')))
  .digest('hex');

/** Whether those are the weights that the site ships now. */
export const sameWeights = crosscheck.weights_sha256 === shipped;
