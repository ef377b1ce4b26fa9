import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../engine/engine.ts';
import { readConfig } from '../engine/model/config.ts';
import { Comparer, type Shown } from '../state/compare.ts';
import { modelId } from '../state/model-id.ts';
import { slim } from '../state/slim.ts';
import { usualView, type View } from '../state/view.ts';

export const modelFolder = join(process.cwd(), 'public/models', modelId);

const json = JSON.parse(readFileSync(join(modelFolder, 'config.json'), 'utf8')) as Record<string, unknown>;

export const modelConfig = readConfig(modelId, json);

/** Bytes of the weights at 16 bits. */
export const modelBytes = statSync(join(modelFolder, 'model.safetensors')).size;

let comparer: Comparer | undefined;

/** Runs a view while the page is built, so that its figure stands finished in the HTML before any script has run. */
export function runAtBuild(change: Partial<View>): Shown {
  comparer ??= new Comparer(new Engine(modelId, json, readFileSync(join(modelFolder, 'model.safetensors'))));
  return slim(comparer.compare({ ...usualView, ...change }));
}
