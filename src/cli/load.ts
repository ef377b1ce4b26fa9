import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Engine } from '../engine/engine.ts';
import type { Kernels } from '../engine/kernels/types.ts';
import type { ModelFile } from '../engine/model/model.ts';
import { modelId } from '../state/models.ts';

export { modelId };

const shipped = new URL(`../../public/models/${modelId}/`, import.meta.url);

export const readModelFile = (name: string, folder: URL = shipped) => readFileSync(new URL(name, folder));

/** A model's folder, the shipped one unless another is named. */
export const folderOf = (path?: string): URL => (path === undefined ? shipped : pathToFileURL(`${resolve(path)}/`));

/** Which weights a model has, so that what was measured can say whether it was measured on them. */
export const weightsHash = (path?: string): string =>
  createHash('sha256')
    .update(readModelFile('model.safetensors', folderOf(path)))
    .digest('hex');

/** The model in a folder. The folder's own name is the model's. */
export function modelFile(path?: string): ModelFile {
  const folder = folderOf(path);
  const json = (name: string): unknown => JSON.parse(readModelFile(name, folder).toString());
  return {
    id: path === undefined ? modelId : basename(resolve(path)),
    config: json('config.json') as ModelFile['config'],
    tokenizer: json('tokenizer.json'),
    weights: readModelFile('model.safetensors', folder),
    // A folder of any model has no such file, and then the methods that learn do not run.
    calibration: existsSync(new URL('calibration.safetensors', folder))
      ? readModelFile('calibration.safetensors', folder)
      : undefined,
  };
}

/** A model, read from disk. */
export const loadEngine = (kernels?: Kernels, path?: string) => new Engine(modelFile(path), kernels);
