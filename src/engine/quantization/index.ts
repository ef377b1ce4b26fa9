import { kivi } from './kivi.ts';
import type { Codec } from './types.ts';

/** Every codec, in alphabetical order: the table of contents of this folder. Add a codec here. */
const list: readonly Codec[] = [kivi];

export const codecs: Readonly<Record<string, Codec>> = Object.fromEntries(list.map((codec) => [codec.name, codec]));
