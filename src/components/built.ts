import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../engine/engine.ts';
import type { ModelFile } from '../engine/model/model.ts';
import { readConfig } from '../engine/model/config.ts';
import { Comparer, type Shown } from '../state/compare.ts';
import { modelId } from '../state/model-id.ts';
import { slim } from '../state/slim.ts';
import { defaultView, type View } from '../state/view.ts';

export const modelFolder = join(process.cwd(), 'public/models', modelId);

const json = (name: string): unknown => JSON.parse(readFileSync(join(modelFolder, name), 'utf8'));
const config = json('config.json') as ModelFile['config'];

export const modelConfig = readConfig(modelId, config);

/** Bytes of the weights at 16 bits. */
export const modelBytes = statSync(join(modelFolder, 'model.safetensors')).size;

/** Which weights these are, so that what was measured can say whether it was measured on them. */
export const weightsHash = createHash('sha256')
  .update(readFileSync(join(modelFolder, 'model.safetensors')))
  .digest('hex');

let comparer: Comparer | undefined;

const verdicts = ({ lanes }: Shown) => lanes.map(({ outcome }) => outcome?.right).join();

/** On how many of the first `of` texts the lanes of a view are right and wrong as on its own: whether what it shows is typical. */
export function alike(change: Partial<View>, of: number): number {
  const own = verdicts(runAtBuild(change));
  return Array.from({ length: of }, (_, i) => runAtBuild({ ...change, seed: i + 1 })).filter(
    (shown) => verdicts(shown) === own,
  ).length;
}

/** Runs a view while the page is built, so that its figure stands finished in the HTML before any script has run. */
export function runAtBuild(change: Partial<View>): Shown {
  comparer ??= new Comparer(
    new Engine({
      id: modelId,
      config,
      tokenizer: json('tokenizer.json'),
      weights: readFileSync(join(modelFolder, 'model.safetensors')),
    }),
  );
  return slim(comparer.explain({ ...defaultView, ...change }));
}
