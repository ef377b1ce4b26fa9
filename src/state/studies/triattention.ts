import type { Engine, Prepared } from '../../engine/engine.ts';
import { concentrations, queryCenters } from '../../engine/eviction/triattention.ts';
import { DistanceLogits } from '../../engine/measure/distance-logits.ts';
import { heldOut, heldOutSeed, Rights, type Rate } from '../../engine/measure/rights.ts';
import { moments, type When } from '../../engine/prompt.ts';
import { nearest, number, oneOf, type FieldsOf } from '../fields.ts';

/** What decides the picture of centers and cosines. */
export interface CosinesView {
  /** Of a query head. */
  readonly layer: number;
  readonly head: number;
  /** Share of the cache that the two lanes keep. */
  readonly keep: number;
  readonly moment: When;
  /** Of the first text, and how many are asked. */
  readonly seed: number;
  readonly texts: number;
}

export const budgets = [0.125, 0.25, 0.5] as const;
/** The rule, and what it is without its norm term. */
export const lanes = ['triattention', 'triattention(norm=false)'] as const;
/** Distances that are looked at. */
export const farthest = 128;
/** Of so many texts logits are looked at: each has tens of thousands of pairs a head. */
export const readTexts = 8;

export const fields = {
  layer: number(1, 0, 3, 1),
  head: number(5, 0, 7, 1),
  keep: nearest(0.25, budgets),
  moment: oneOf<When>('later', moments),
  seed: number(heldOutSeed, 8_000_000, 99_000_000, 1),
  texts: number(24, 4, 400, 1),
} as const satisfies FieldsOf<CosinesView>;

export const asks = ['moment', 'seed', 'texts'] as const;

/** What is found of a query head. Rows are numbers with spaces between, to two decimals. */
export interface HeadCosines {
  /** For each band, the fastest first: how concentrated its queries are. */
  readonly bands: string;
  /** Of all bands together, each by how long its queries are. */
  readonly concentration: number;
  readonly means: string;
  readonly cosines: string;
  readonly sines: string;
  readonly r: number;
  readonly single: number;
  readonly strays: number;
}

export interface Cosines {
  /** Texts so far. */
  readonly n: number;
  /** [headDim / 2] radians that each band turns by from token to token */
  readonly frequencies: readonly number[];
  /** [layers * query heads] */
  readonly heads: readonly HeadCosines[];
  /** [budgets][lanes] */
  readonly rates: readonly (readonly Rate[])[];
}

/** Reads held-out texts, lets the two lanes answer, and compares what heads pay at each distance with what their calibrated centers say. */
export function* run(engine: Engine, view: CosinesView): Generator<Cosines> {
  const rights = new Rights(engine, lanes, budgets);
  const frequencies = [...engine.model.store.rope.frequencies];
  let heads: readonly Watched[] | undefined;
  for (const prepared of heldOut(engine, view)) {
    heads ??= watchedIn(prepared);
    if (rights.n < readTexts) for (const { layer, logits } of heads) logits.add(prepared.views[layer]!);
    rights.add(prepared);
    yield { n: rights.n, frequencies, heads: heads.map((head) => told(engine, head)), rates: rights.rates };
  }
}

type Watched = ReturnType<typeof watchedIn>[number];

/** All query heads, with what was learned of each. */
const watchedIn = ({ views }: Prepared) =>
  views.flatMap((view, layer) =>
    view.counts
      .flatMap((_, kvHead) => queryCenters(view, kvHead))
      .map((learned, head) => ({ layer, learned, logits: new DistanceLogits(head, learned.center, farthest) })),
  );

function told({ model }: Engine, { learned, logits }: Watched): HeadCosines {
  const { means, cosines, sines, r, single, strays } = logits.result(model.store.rope);
  const bands = concentrations(learned);
  const lengths = learned.norms.reduce((a, b) => a + b, 0);
  const concentration = bands.reduce((sum, band, f) => sum + band * learned.norms[f]!, 0) / lengths;
  return {
    bands: packed(bands),
    concentration: rounded(concentration),
    means: packed(means),
    cosines: packed(cosines, 3),
    sines: packed(sines, 3),
    r: rounded(r, 3),
    single: rounded(single),
    strays: rounded(strays),
  };
}

const rounded = (x: number, digits = 2) => Number(x.toFixed(digits));
const packed = (numbers: readonly number[], digits = 2) => numbers.map((x) => rounded(x, digits)).join(' ');
