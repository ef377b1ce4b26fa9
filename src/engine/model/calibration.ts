import type { Config } from './config.ts';
import { readSafetensors, type SafeTensor } from './safetensors.ts';

/**
 * What methods learned from a model beforehand (`npm run calibrate`): a safetensors file beside its weights, each tensor [layers, kvHeads, ...]. A model
 * may have none; then the rules that need it say so.
 */
export class Calibration {
  readonly #tensors: ReadonlyMap<string, SafeTensor>;
  readonly #id: string;

  /** @throws Error when the file is not of this model's shape */
  constructor({ id, layers, kvHeads }: Config, file: Uint8Array | undefined) {
    this.#id = id;
    this.#tensors = file ? readSafetensors(file).tensors : new Map();
    for (const [name, { shape }] of this.#tensors) {
      if (shape[0] !== layers || shape[1] !== kvHeads)
        throw new Error(`${name}, learned from ${id}, has shape [${shape}], expected [${layers}, ${kvHeads}, ...].`);
    }
  }

  /** A layer's part: [kvHeads, ...]. @throws Error when nothing of that name was learned */
  of(name: string, layer: number): Float32Array {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`No ${name} were learned from ${this.#id}.`);
    const size = tensor.data.length / tensor.shape[0]!;
    return tensor.data.subarray(layer * size, (layer + 1) * size);
  }
}
