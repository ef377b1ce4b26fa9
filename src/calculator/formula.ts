import { cacheTypes, type CacheType } from './cache-types.ts';
import { stateNumberBytes, type Load, type PartSize } from './size.ts';
import type { Part } from './types.ts';
import { counted } from './units.ts';

/** One line of the account: what is multiplied, in words and in numbers. */
export interface Line {
  readonly note: string;
  readonly words: string;
  readonly numbers: string;
  readonly bytes: number;
}

/** Bytes of one number, as a factor: "2 B", or "34 B / 32" where blocks are written. */
export const factor = (type: CacheType): string => {
  const { numbers, bytes } = cacheTypes[type];
  return numbers === 1 ? `${bytes} B` : `${bytes} B / ${numbers}`;
};

/** A row as a product, rounded up where its last block is not full. */
function row(product: string, numbers: number, type: CacheType): string {
  const { numbers: block, bytes } = cacheTypes[type];
  return numbers % block ? `⌈${product} / ${block}⌉ × ${bytes} B` : `${product} × ${factor(type)}`;
}

function tokenWords(part: Part): string {
  switch (part.kind) {
    case 'heads':
      return 'KV heads × (width of keys × bytes + width of values × bytes)';
    case 'latent':
      return 'width of the row × bytes';
    default:
      return 'bytes';
  }
}

function tokenNumbers(part: Part, { keys, values }: Load): string {
  if (part.kind === 'latent') return row(`${part.width}`, part.width, keys);
  if (part.kind !== 'heads') return part.kind === 'fixed' ? `${part.bytes} B` : '';
  const key = row(`${part.keys}`, part.kvHeads * part.keys, keys);
  const value = row(`${part.values}`, part.kvHeads * part.values, values);
  const partial =
    (part.kvHeads * part.keys) % cacheTypes[keys].numbers || (part.kvHeads * part.values) % cacheTypes[values].numbers;
  if (partial) {
    const whole = (width: number, type: CacheType) => row(`${part.kvHeads} × ${width}`, part.kvHeads * width, type);
    return `(${whole(part.keys, keys)} + ${whole(part.values, values)})`;
  }
  return `${part.kvHeads} × (${key} + ${value})`;
}

/** The account of one part of a model. */
export function lineOf({ part, held, live }: PartSize, load: Load): Line {
  const layers = counted(part.layers);
  const sequences = `${counted(load.sequences)} ${load.sequences === 1 ? 'sequence' : 'sequences'}`;
  if (part.kind === 'nothing')
    return { note: part.note, words: 'nothing of their own', numbers: `${layers} layers × 0 B`, bytes: 0 };
  if (part.kind === 'state')
    return {
      note: part.note,
      words: 'layers × numbers of a state × bytes × sequences',
      numbers: `${layers} × ${counted(part.numbers)} × ${stateNumberBytes} B × ${sequences}`,
      bytes: live,
    };
  const windowed = part.kind === 'heads' && part.window !== undefined;
  const tokens = windowed ? 'tokens, at most the window' : load.keep < 1 ? 'tokens kept' : 'tokens';
  return {
    note: part.note,
    words: `layers × ${tokenWords(part)} × ${tokens} × sequences`,
    numbers: `${layers} × ${tokenNumbers(part, load)} × ${counted(held)} tokens × ${sequences}`,
    bytes: live,
  };
}
