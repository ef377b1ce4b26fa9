/**
 * What happens in a lane, in order. A `tick` ends a step of the clock that all lanes of a comparison share, so that they can be
 * watched side by side; folding events gives the state at any step (timeline.ts).
 */
export type Event =
  | { readonly type: 'read'; readonly from: number; readonly to: number }
  | {
      readonly type: 'keep';
      readonly layer: number;
      /** per KV head a bitmask over positions */ readonly held: readonly Uint8Array[];
    }
  | {
      readonly type: 'encode';
      readonly layer: number;
      /** per KV head, of the held tokens in order */ readonly keys: readonly number[];
      readonly values: readonly number[];
    }
  | { readonly type: 'free'; readonly blocks: readonly number[] }
  | { readonly type: 'answer'; readonly token: number; readonly word: string; readonly attention: Attention }
  | { readonly type: 'tick'; readonly phase: Phase };

export type Phase = 'read' | 'compress' | 'ask' | 'answer';

/** Where an answer came from: how hard each position was looked at, over layers and heads, where it can be seen at all. */
export interface Attention {
  readonly positions: readonly number[];
  readonly weights: readonly number[];
  /** [layers * kvHeads][positions read], 255 = all of a head's attention; left out where no figure can ask for it. */
  readonly heads?: Uint8Array;
}

/** Attention below this is not marked in the text. */
const visible = 0.04;

/**
 * Over heads the root of the mean square: one head that looks hard at a word counts for more than sixteen that glance.
 * @param looks for each head [positions]
 */
export function summarise(looks: readonly Float32Array[]): Attention {
  const length = looks[0]!.length;
  const squares = new Float32Array(length);
  const heads = new Uint8Array(looks.length * length);
  looks.forEach((row, head) => {
    for (let i = 0; i < length; i++) {
      const p = row[i]!;
      squares[i]! += (p * p) / looks.length;
      heads[head * length + i] = Math.min(255, 255 * p + 0.5);
    }
  });
  const positions = [...squares.keys()].filter((i) => squares[i]! >= visible * visible);
  return { positions, weights: positions.map((i) => Math.round(Math.sqrt(squares[i]!) * 1e4) / 1e4), heads };
}

/** The strongest look at each position in either of two. Later tokens of an answer have read more positions. */
export function strongest(a: Attention | undefined, b: Attention, heads: number): Attention {
  if (!a) return b;
  const weights = new Map(a.positions.map((position, i) => [position, a.weights[i]!]));
  b.positions.forEach((position, i) => weights.set(position, Math.max(weights.get(position) ?? 0, b.weights[i]!)));
  const merged = { positions: [...weights.keys()], weights: [...weights.values()] };
  return a.heads && b.heads ? { ...merged, heads: strongestHeads(a.heads, b.heads, heads) } : merged;
}

function strongestHeads(a: Uint8Array, b: Uint8Array, count: number): Uint8Array {
  const heads = b.slice();
  const [short, long] = [a.length / count, b.length / count];
  for (let head = 0; head < count; head++) {
    for (let i = 0; i < short; i++) heads[head * long + i] = Math.max(heads[head * long + i]!, a[head * short + i]!);
  }
  return heads;
}

export const bitmask = (positions: ArrayLike<number>, length: number): Uint8Array => {
  const mask = new Uint8Array(Math.ceil(length / 8));
  for (let i = 0; i < positions.length; i++) mask[positions[i]! >> 3]! |= 1 << (positions[i]! & 7);
  return mask;
};

export const isSet = (mask: Uint8Array, position: number) => ((mask[position >> 3] ?? 0) >> (position & 7)) & 1;
