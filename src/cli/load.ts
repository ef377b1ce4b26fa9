import { readFileSync } from 'node:fs';
import { Engine } from '../engine/engine.ts';
import type { Kernels } from '../engine/kernels/types.ts';
import type { ModelFile } from '../engine/model/model.ts';
import { modelId } from '../state/model-id.ts';

export { modelId };

const folder = new URL(`../../public/models/${modelId}/`, import.meta.url);

export const readModelFile = (name: string) => readFileSync(new URL(name, folder));

const json = (name: string): unknown => JSON.parse(readModelFile(name).toString());

export const modelFile = (): ModelFile => ({
  id: modelId,
  config: json('config.json') as ModelFile['config'],
  tokenizer: json('tokenizer.json'),
  weights: readModelFile('model.safetensors'),
});

/** The shipped model, read from disk. */
export const loadEngine = (kernels?: Kernels) => new Engine(modelFile(), kernels);
