import { join } from 'node:path';
import type { FlipCell } from '../engine/measure/diagnosis.ts';
import { weightsHash } from './built.ts';
import { read } from './evaluation.ts';

interface Measured {
  readonly weights_sha256: string;
  readonly cells: readonly FlipCell[];
}

const found = read<Measured>(join(process.cwd(), 'public/data/flips.json'));

/** What `npm run flips -- --out public/data/flips.json` found; none where that was on other weights than the site ships. */
export const flipCells: readonly FlipCell[] = found?.weights_sha256 === weightsHash ? found.cells : [];
