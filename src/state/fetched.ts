import { Engine } from '../engine/engine.ts';
import type { ModelFile } from '../engine/model/model.ts';
import type { ModelId } from './models.ts';

async function fetchFile(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The model could not be loaded: ${url} answered ${response.status}.`);
  return response;
}

async function load(base: string, id: ModelId): Promise<Engine> {
  const [config, tokenizer, weights, calibration] = await Promise.all(
    ['config.json', 'tokenizer.json', 'model.safetensors', 'calibration.safetensors'].map((name) =>
      fetchFile(`${base}${id}/${name}`),
    ),
  );
  const file: ModelFile = {
    id,
    config: (await config!.json()) as ModelFile['config'],
    tokenizer: await tokenizer!.json(),
    weights: new Uint8Array(await weights!.arrayBuffer()),
    calibration: new Uint8Array(await calibration!.arrayBuffer()),
  };
  return new Engine(file);
}

/** The engines of a worker, by the model's name: each comes when it is first asked for, and stays. */
export class Engines {
  /** The models' folder, with a closing slash. */
  base = '';
  readonly #known = new Map<ModelId, Promise<Engine>>();

  /** A load that failed is forgotten, so that the next request tries again. */
  get(id: ModelId): Promise<Engine> {
    const known = this.#known.get(id);
    if (known) return known;
    const loading = load(this.base, id).catch((error: unknown) => {
      this.#known.delete(id);
      throw error;
    });
    this.#known.set(id, loading);
    return loading;
  }
}

/** Other messages are handled in between. */
export const breathe = (milliseconds = 0): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
