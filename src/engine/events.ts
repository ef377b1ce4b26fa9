/**
 * What happens in a lane, in order. A `tick` ends a step of the clock that all lanes of a comparison share, so that they can be
 * watched side by side; folding events gives the state at any step (timeline.ts).
 */
export type Event =
  | { readonly type: 'read'; readonly from: number; readonly to: number }
  | { readonly type: 'keep'; readonly layer: number; /** per KV head a bitmask over positions */ readonly held: readonly Uint8Array[] }
  | { readonly type: 'encode'; readonly layer: number; /** per KV head, of the held tokens in order */ readonly keys: readonly number[]; readonly values: readonly number[] }
  | { readonly type: 'free'; readonly blocks: readonly number[] }
  | { readonly type: 'answer'; readonly token: number; readonly word: string; readonly attention: Attention }
  | { readonly type: 'tick'; readonly phase: Phase };

export type Phase = 'read' | 'compress' | 'ask' | 'answer';

/** Where one answer token came from: the mean attention over layers and heads on each position that has a visible share. */
export interface Attention {
  readonly positions: readonly number[];
  readonly weights: readonly number[];
  /** [layers * kvHeads][positions read], 0..255 of the largest; only kept where a figure asks for it. */
  readonly heads?: Uint8Array;
}

export const bitmask = (positions: ArrayLike<number>, length: number): Uint8Array => {
  const mask = new Uint8Array(Math.ceil(length / 8));
  for (let i = 0; i < positions.length; i++) mask[positions[i]! >> 3]! |= 1 << (positions[i]! & 7);
  return mask;
};

export const isSet = (mask: Uint8Array, position: number) => ((mask[position >> 3] ?? 0) >> (position & 7)) & 1;
