import { listed } from '../catalog/words.ts';

/** "layers 2 and 3" */
export const layersText = (layers: readonly number[]): string =>
  `layer${layers.length > 1 ? 's' : ''} ${listed(layers.map(String))}`;
