import { readFileSync } from 'node:fs';
import { Engine } from '../engine/engine.ts';
import type { Kernels } from '../engine/kernels/types.ts';
import { modelId } from '../state/model-id.ts';

export { modelId };

const folder = new URL(`../../public/models/${modelId}/`, import.meta.url);

export const readModelFile = (name: string) => readFileSync(new URL(name, folder));

/** The shipped model, read from disk. */
export const loadEngine = (make?: (bytes: number) => Kernels) =>
  new Engine(
    modelId,
    JSON.parse(readModelFile('config.json').toString()) as Record<string, unknown>,
    readModelFile('model.safetensors'),
    make,
  );
