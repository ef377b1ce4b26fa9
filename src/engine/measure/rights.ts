import type { Engine, Prepared } from '../engine.ts';
import { parseLane } from '../lane-spec.ts';
import { seededPrompt, type When } from '../prompt.ts';
import { interval } from './interval.ts';

/** Texts that neither training nor calibration saw begin here; each has one question. */
export const heldOutSeed = 9_000_000;

export interface HeldOut {
  /** Of the first text; the next ones follow. */
  readonly seed: number;
  readonly texts: number;
  readonly moment: When;
}

/** Reads texts of 512 tokens one after the other, each with another of its questions. Their memory is given back before the next. */
export function* heldOut(engine: Engine, { seed, texts, moment }: HeldOut): Generator<Prepared> {
  for (let i = 0; i < texts; i++) {
    const prepared = engine.prepare(seededPrompt(engine.model.vocabulary, seed + i, { length: 512 }, i, moment));
    try {
      yield prepared;
    } finally {
      engine.release(prepared);
    }
  }
}

/** Right answers, and the ends of the 95 % interval of their share. */
export type Rate = readonly [right: number, low: number, high: number];

/** How often lanes are right at several budgets, counted text by text. */
export class Rights {
  n = 0;
  /** [budgets][lanes] */
  readonly right: number[][];
  readonly #engine: Engine;
  readonly #lanes: readonly string[];
  readonly #budgets: readonly number[];

  constructor(engine: Engine, lanes: readonly string[], budgets: readonly number[]) {
    this.right = budgets.map(() => lanes.map(() => 0));
    this.#engine = engine;
    this.#lanes = lanes;
    this.#budgets = budgets;
  }

  add(prepared: Prepared): void {
    const specs = this.#lanes.map((lane) => parseLane(lane).spec);
    for (const [b, budget] of this.#budgets.entries()) {
      this.#engine.compare(prepared, specs, budget).forEach(({ right }, lane) => {
        this.right[b]![lane]! += Number(right);
      });
    }
    this.n++;
  }

  /** [budgets][lanes] */
  get rates(): Rate[][] {
    const end = (share: number) => Number(share.toFixed(3));
    return this.right.map((row) => row.map((right) => [right, ...interval(right, this.n).map(end)] as unknown as Rate));
  }
}
