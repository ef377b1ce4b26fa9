import { rowBytes, type CacheType } from './cache-types.ts';
import type { Part } from './types.ts';

/** What is asked of a model. */
export interface Load {
  /** Tokens of one sequence. */
  readonly tokens: number;
  readonly sequences: number;
  readonly keys: CacheType;
  readonly values: CacheType;
  /** Tokens of a block: memory is handed out in whole ones. */
  readonly block: number;
  /** Share of the tokens that layers which see all keep. Windows and states are not cut: they are a budget already. */
  readonly keep: number;
}

export interface PartSize {
  readonly part: Part;
  /** Bytes of one token in all layers of the part; of a state, 0. */
  readonly tokenBytes: number;
  /** Tokens that one sequence holds here. */
  readonly held: number;
  /** Bytes of all sequences. */
  readonly live: number;
  /** The same in whole blocks. */
  readonly allocated: number;
}

export interface Size {
  readonly parts: readonly PartSize[];
  readonly live: number;
  readonly allocated: number;
  /** Bytes that each further token of a sequence takes, on average. */
  readonly further: number;
}

/** Bytes of one number in a recurrent state: 32-bit floats, as llama.cpp holds them. */
export const stateNumberBytes = 4;

/** Bytes of one token in one layer. */
export function layerBytes(part: Part, keys: CacheType, values: CacheType): number {
  switch (part.kind) {
    case 'heads':
      return rowBytes(keys, part.kvHeads * part.keys) + rowBytes(values, part.kvHeads * part.values);
    case 'latent':
      return rowBytes(keys, part.width);
    case 'fixed':
      return part.bytes;
    default:
      return 0;
  }
}

/** Bytes of a part's states for one sequence. */
export const stateBytes = (part: Part): number =>
  part.kind === 'state' ? part.layers * part.numbers * stateNumberBytes : 0;

/** Tokens that a part holds of one sequence. */
export function heldTokens(part: Part, { tokens, keep }: Pick<Load, 'tokens' | 'keep'>): number {
  if (part.kind === 'state' || part.kind === 'nothing') return 0;
  if (part.kind === 'heads' && part.window !== undefined) return Math.min(part.window, tokens);
  return Math.max(1, Math.floor(keep * tokens));
}

function partSize(part: Part, load: Load): PartSize {
  const tokenBytes = part.layers * layerBytes(part, load.keys, load.values);
  const held = heldTokens(part, load);
  const blocks = Math.ceil(held / load.block) * load.block;
  const state = stateBytes(part);
  return {
    part,
    tokenBytes,
    held,
    live: load.sequences * (held * tokenBytes + state),
    allocated: load.sequences * (blocks * tokenBytes + state),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Bytes that a model keeps of a load. All numbers are exact. */
export function sizeOf(model: readonly Part[], load: Load): Size {
  const parts = model.map((part) => partSize(part, load));
  const grows = ({ part }: PartSize) => !(part.kind === 'heads' && part.window !== undefined);
  return {
    parts,
    live: sum(parts.map(({ live }) => live)),
    allocated: sum(parts.map(({ allocated }) => allocated)),
    further: sum(
      parts.map((each) =>
        grows(each)
          ? load.keep * each.tokenBytes
          : each.held === load.tokens && windowOf(each) > load.tokens
            ? each.tokenBytes
            : 0,
      ),
    ),
  };
}

const windowOf = ({ part }: PartSize) => (part.kind === 'heads' ? (part.window ?? Infinity) : Infinity);
