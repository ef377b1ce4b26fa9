import type { When } from '../prompt.ts';
import type { Kind } from '../world/facts.ts';

/** Right answers in per cent, and the ends of their 95 % interval. */
export type Rate = readonly [right: number, low: number, high: number];
type Grid = readonly (readonly number[])[];

/** What `npm run stage -- --out public/data/stage.json` prints; src/cli/stage.ts says what each number is. */
export interface Stage {
  readonly model: string;
  readonly weights_sha256: string;
  readonly facts: string;
  readonly questions: number;
  readonly seed: number;
  readonly full: Readonly<Record<Kind, number>>;
  readonly without: Grid;
  readonly only: Grid;
  readonly removed: readonly { readonly head: number; readonly right: number }[];
  readonly worth: Grid;
  readonly predicts: Readonly<Record<'ink' | 'read' | 'needed' | 'attention_kept', number>>;
  readonly bos: Grid;
  readonly reads: Grid;
  readonly entropy: readonly number[];
  readonly key_norms: Grid;
  readonly budgets: readonly number[];
  readonly lanes: Readonly<Record<When, Readonly<Record<string, readonly Rate[]>>>>;
  readonly sinks: Readonly<Record<'four' | 'none', { readonly kl: number; readonly right: number }>> & {
    readonly n: number;
  };
  readonly keys: Readonly<Record<string, number>>;
}
