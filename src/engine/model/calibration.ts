import type { Tensor } from '../eviction/types.ts';
import type { Config } from './config.ts';
import { readSafetensors } from './safetensors.ts';

/** What `npm run calibrate` measures of every layer, and its shape. */
export const calibratedShapes = {
  query_centers: ['heads', 'head_dim'],
  query_norms: ['heads', 'head_dim / 2'],
  eviction_error: ['1'],
} as const;

export type CalibratedName = keyof typeof calibratedShapes;

const nameIn = (layer: number, name: CalibratedName) => `layers.${layer}.${name}`;

/** What rules know of a model beforehand: a few numbers for each layer, from a file beside its weights. */
export class Calibration {
  readonly #tensors: ReadonlyMap<string, Tensor>;

  /**
   * @param file calibration.safetensors; undefined where nobody has calibrated the model
   * @throws Error naming a tensor whose shape is not the model's
   */
  constructor(config: Config, file: Uint8Array | undefined) {
    this.#tensors = file ? readSafetensors(file).tensors : new Map();
    const sizes = { heads: config.heads, head_dim: config.headDim, 'head_dim / 2': config.headDim / 2, 1: 1 };
    for (let layer = 0; layer < config.layers; layer++) {
      for (const [name, dims] of Object.entries(calibratedShapes)) {
        const shape = this.#tensors.get(nameIn(layer, name as CalibratedName))?.shape;
        const expected = dims.map((dim) => sizes[dim]);
        if (shape && shape.join() !== expected.join()) {
          throw new Error(`${name} of ${config.id} has shape [${shape}], expected [${expected}]: calibrate it anew.`);
        }
      }
    }
  }

  /** @throws Error when it was not measured */
  of(layer: number, name: CalibratedName): Tensor {
    const tensor = this.#tensors.get(nameIn(layer, name));
    if (!tensor) throw new Error(`This model has no ${name}, which "npm run calibrate" measures.`);
    return tensor;
  }
}

/** The file of a calibration. @param layers for each layer what was measured @param metadata how, and of which weights */
export function calibrationTensors(layers: readonly Readonly<Record<CalibratedName, Tensor>>[]): Map<string, Tensor> {
  return new Map(
    layers.flatMap((measured, layer) =>
      (Object.keys(calibratedShapes) as CalibratedName[]).map((name) => [nameIn(layer, name), measured[name]] as const),
    ),
  );
}
