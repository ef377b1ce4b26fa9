import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelFolder } from './built.ts';

interface Row {
  kind: string;
  length: number;
  free: number;
  n: number;
  right: number;
  accuracy: number;
  by_distance: Record<string, { n: number; right: number }>;
}
interface Evaluation {
  questions: number;
  seed: number;
  rows: Row[];
}
interface Training {
  steps: number;
  minutes: number;
}

/** What a command measured and wrote down; undefined where it was not run. */
export const read = <T>(path: string): T | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;

/** What `npm run evaluate -- --out public/data/evaluation.json` measured on the shipped weights. */
export const evaluation = read<Evaluation>(join(process.cwd(), 'public/data/evaluation.json'));

export const training = read<Training>(join(modelFolder, 'training.json'));

/** Share right, as a percentage with one digit. */
export const rate = ({ right, n }: { right: number; n: number }) => `${((100 * right) / n).toFixed(1)}`;
