import type { Within } from './interval.ts';

/** What a lane did at a budget, over many questions. */
export interface Cell {
  readonly lane: string;
  readonly keep: number;
  /** That it took, a share of the full cache's. */
  readonly bytes: number;
  readonly right: number;
  readonly n: number;
  /** 95 % interval of the share of right answers. */
  readonly low: number;
  readonly high: number;
  readonly kl: number;
  readonly kl_within: Within;
}
