import type { Missed } from '../events.ts';

/** Attention of one head at one word, and which of its entries lay near. */
export interface Look {
  /** [entries] ascending */
  readonly tokens: Int32Array;
  /** [entries] */
  readonly paid: Float32Array;
  /** Entries that lay near; all where it is undefined. */
  readonly near: Int32Array | undefined;
}

/** What no head would have paid a tenth of its attention to is not marked. */
const noteworthy = 0.1;

/**
 * Of all that heads would have paid to the prompt behind <bos> with everything near, the share that fell on what was; and the tokens that were wanted and
 * away, each with the most that a head would have paid. 1 where nothing was wanted. Heads that rest on <bos> have nothing to say here.
 */
export function recallOf(looks: readonly Look[], prompt: number): { readonly recall: number; readonly missed: Missed } {
  let [all, had] = [0, 0];
  const missed = new Map<number, number>();
  for (const { tokens, paid, near } of looks) {
    const isNear = new Uint8Array(tokens.length).fill(Number(!near));
    for (const entry of near ?? []) isNear[entry] = 1;
    tokens.forEach((token, entry) => {
      if (token === 0 || token >= prompt) return;
      all += paid[entry]!;
      if (isNear[entry]) had += paid[entry]!;
      else if (paid[entry]! >= noteworthy) missed.set(token, Math.max(missed.get(token) ?? 0, paid[entry]!));
    });
  }
  const positions = [...missed.keys()].sort((a, b) => a - b);
  return {
    recall: all > 0 ? Math.min(1, had / all) : 1,
    missed: { positions, weights: positions.map((token) => missed.get(token)!) },
  };
}
