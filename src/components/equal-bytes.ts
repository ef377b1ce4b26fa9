import { join } from 'node:path';
import type { Cell } from '../engine/measure/cell.ts';
import { weightsHash } from './built.ts';
import { read } from './evaluation.ts';

interface Measured {
  readonly weights_sha256: string;
  readonly lanes: readonly Cell[];
}

const found = read<Measured>(join(process.cwd(), 'public/data/measure.json'));

/** What `npm run measure -- --out public/data/measure.json` found of each lane at each budget; none where that was on other weights than the site ships. */
export const cells: readonly Cell[] =
  found?.weights_sha256 === weightsHash
    ? found.lanes.map(({ lane, keep, bytes, right, n, low, high, kl, kl_within }) => ({
        ...{ lane, keep, bytes, right, n },
        ...{ low, high, kl, kl_within },
      }))
    : [];
