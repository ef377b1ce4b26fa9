import type { Within } from './interval.ts';

/** What shares one scale of a symmetric grid: all that a head writes, each of its channels, or each token's row. */
export const scalings = ['tensor', 'channel', 'token'] as const;
export type Scaling = (typeof scalings)[number];

/** Bits of the diagnosis by layers. */
export const diagnosisBits = 3;
/** What is written: everything on one grid; one layer alone, or all but it; or one layer by channel and the others by token. */
export interface Written {
  readonly scaling: Scaling;
  readonly bits: number;
  readonly layer?: number;
  readonly part?: 'only' | 'others' | 'mixed';
}

/** Of the answers that were right at 16 bits, how many are not when the cache is written. */
export interface Flips {
  readonly flipped: number;
  readonly of: number;
  /** Wilson's 95 % interval of the share. */
  readonly within: Within;
}

export interface FlipCell extends Written {
  /** As a lane says it. */
  readonly lane: string;
  /** Answers that obey a standing rule, and answers that tell a fact. */
  readonly rule: Flips;
  readonly fact: Flips;
  /** Mean KL(full || lane) in nats a token, over all of these answers; its 95 % interval. */
  readonly kl: number;
  readonly within: Within;
}

/** What the ratio selects: one layer at 16 bits; channels there and tokens elsewhere; a scale for each token everywhere; all at 16 bits. */
export type Repair = 'layer' | 'mixed' | 'tokens' | 'everything';

export interface Diagnosis {
  /** The layer that flips most rules when it alone is written; the first of equals. */
  readonly layer: number;
  /** The per-channel reduction there: 1 - flips with a scale for each channel / flips with one scale. */
  readonly ratio: number;
  readonly repair: Repair;
  /** The cell of that repair; none where all stays as it is. */
  readonly repaired: FlipCell | undefined;
}

export const cellOf = (cells: readonly FlipCell[], wanted: Written) =>
  cells.find(
    ({ scaling, bits, layer, part }) =>
      scaling === wanted.scaling && bits === wanted.bits && layer === wanted.layer && part === wanted.part,
  );

/**
 * The diagnosis of "Alignment Collapse Under KV Cache Quantization" (arXiv 2606.09864; analysis/compute_pcr.py and the docs of its repository): below 30 % the
 * layer stays whole, up to 70 % its channels get scales, above that groups suffice; where every layer flips more than 10 %, all of the cache stays whole.
 * @returns undefined where no layer flips anything by itself
 */
export function diagnose(cells: readonly FlipCell[]): Diagnosis | undefined {
  const bits = diagnosisBits;
  const alone = cells.filter(({ scaling, part }) => scaling === 'tensor' && part === 'only');
  const worst = alone.reduce((most, cell) => (cell.rule.flipped > most.rule.flipped ? cell : most));
  if (!worst.rule.flipped) return undefined;
  const layer = worst.layer!;
  const finer = cellOf(cells, { scaling: 'channel', bits, layer, part: 'only' })!;
  const ratio = 1 - finer.rule.flipped / worst.rule.flipped;
  const everywhere = alone.every(({ rule }) => rule.flipped > 0.1 * rule.of);
  const repair = everywhere ? 'everything' : ratio < 0.3 ? 'layer' : ratio <= 0.7 ? 'mixed' : 'tokens';
  const written: Record<Repair, Written | undefined> = {
    layer: { scaling: 'tensor', bits, layer, part: 'others' },
    mixed: { scaling: 'channel', bits, layer, part: 'mixed' },
    tokens: { scaling: 'token', bits },
    everything: undefined,
  };
  return { layer, ratio, repair, repaired: written[repair] && cellOf(cells, written[repair]) };
}
