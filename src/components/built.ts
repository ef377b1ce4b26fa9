import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../engine/engine.ts';
import type { ModelFile } from '../engine/model/model.ts';
import { readConfig } from '../engine/model/config.ts';
import { Comparer, type Shown } from '../state/compare.ts';
import { curve, type CurvePoint } from '../state/curve.ts';
import { defaultsOf } from '../state/fields.ts';
import { modelId } from '../state/models.ts';
import { slim } from '../state/slim.ts';
import type { Experiment } from '../state/study.ts';
import { defaultView, type View } from '../state/view.ts';

export const modelFolder = join(process.cwd(), 'public/models', modelId);

const json = (name: string): unknown => JSON.parse(readFileSync(join(modelFolder, name), 'utf8'));
const config = json('config.json') as ModelFile['config'];

export const modelConfig = readConfig(modelId, config);

const weights = readFileSync(join(modelFolder, 'model.safetensors'));
const calibration = readFileSync(join(modelFolder, 'calibration.safetensors'));

/** Bytes of the weights at 16 bits. */
export const modelBytes = weights.length;

/** Which weights these are, so that what was measured can say whether it was measured on them. */
export const weightsHash = createHash('sha256').update(weights).digest('hex');

/** Pages begin with the one model that all is measured on. */
let engine: Engine | undefined;
const engineAtBuild = (): Engine =>
  (engine ??= new Engine({ id: modelId, config, tokenizer: json('tokenizer.json'), weights, calibration }));

let comparer: Comparer | undefined;
const comparerAtBuild = (): Comparer => (comparer ??= new Comparer(engineAtBuild()));

/** Runs a view while the page is built, so that its figure stands finished in the HTML before any script has run. */
export const runAtBuild = (change: Partial<View>): Shown =>
  slim(comparerAtBuild().explain({ ...defaultView, ...change }));

const curves = new Map<string, CurvePoint[]>();

/** Asks a view's question of its first texts at every budget while the page is built; once for all pages that show it. */
export function curveAtBuild(change: Partial<View>): CurvePoint[] {
  const view = { ...defaultView, ...change };
  const key = JSON.stringify(view);
  const points = curves.get(key) ?? [...curve(engineAtBuild(), view, view.texts)].at(-1)!;
  curves.set(key, points);
  return points;
}

/** On how many of the first `of` texts the lanes of a view are right and wrong as on its own: whether what it shows is typical. */
export function alike(change: Partial<View>, of: number): number {
  const verdicts = (seed: Partial<View>) =>
    comparerAtBuild()
      .compare({ ...defaultView, ...change, ...seed })
      .lanes.map(({ outcome }) => outcome?.right)
      .join();
  const own = verdicts({});
  return Array.from({ length: of }, (_, i) => verdicts({ seed: i + 1 })).filter((one) => one === own).length;
}

const studied = new Map<object, string>();

/** The last result of a study's own view, found while the page is built, as the text that its figure opens with; once for all pages that show it. */
export function studyAtBuild<V extends object, R>(experiment: Experiment<V, R>): string {
  const known =
    studied.get(experiment) ?? lastResult(experiment.run(engineAtBuild(), defaultsOf<V>(experiment.fields)));
  studied.set(experiment, known);
  return known;
}

const lastResult = (results: Iterable<unknown>): string => JSON.stringify([...results].at(-1));
