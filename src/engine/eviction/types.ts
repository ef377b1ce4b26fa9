import type { Random } from '../random.ts';
import type { Settings, SettingTable } from '../settings.ts';

/** The tensors that a policy may ask for. The names are those of a trace file (see `src/cli/policy.ts`). */
export type TensorName =
  | 'keys' // [kvHeads, seq, headDim], after RoPE, as cached
  | 'values' // [kvHeads, seq, headDim]
  | 'keys_prerope' // [kvHeads, seq, headDim]
  | 'queries' // [heads, rows, headDim], after RoPE, of the last `rows` positions
  | 'queries_prerope' // [heads, rows, headDim]
  | 'attentions' // [heads, seq, seq], causal softmax
  | 'hidden_states' // [seq, hidden], what enters the layer's projections
  | 'output_projection' // [hidden, heads * headDim]
  | 'inv_freq' // [headDim / 2]
  | 'future_attentions'; // [heads, rows, seq], what the answer will pay under the full cache; no real method has it

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One attention layer as a policy sees it: shapes, and the tensors that exist. A tensor may be computed when it is first read. */
export interface Layer {
  readonly seq: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** This layer's index and the number of layers; only policies that spread a budget over depth read them. */
  readonly layer: number;
  readonly layers: number;
  readonly ropeTheta: number;
  tensor(name: TensorName): Tensor | undefined;
}

export interface Moment {
  /** Tokens that each KV head will keep: protected windows and sinks count inside it. */
  readonly kept: number;
  readonly random: Random;
}

/**
 * "What is it worth?" and nothing else: how much is kept (budget/), when (run.ts) and what becomes of the rest are other questions.
 */
export interface Policy<T extends SettingTable = SettingTable> {
  readonly name: string;
  readonly settings: T;
  /** Alternatives, best first: the policy runs when every tensor of one row is there. An empty row needs shapes alone. */
  readonly needs: readonly (readonly TensorName[])[];
  /** Keeps everything, whatever the budget: such a lane may not fit, and says so. */
  readonly keepsAll?: true;
  /** The nearest settings that `seq` tokens and a budget of `kept` allow, for callers that must go on where `score` would refuse. */
  fit?(settings: Settings<T>, seq: number, kept: number): Settings<T>;
  /** Whether scores change with the number kept; otherwise they are computed once for every budget. */
  dependsOnBudget?(settings: Settings<T>): boolean;
  /** @returns [kvHeads * seq], higher = keep. Throws an Error that says what is wrong when the shapes do not allow scoring. */
  score(layer: Layer, settings: Settings<T>, moment: Moment): Float64Array;
}

/** Keeps the settings' literal type, so that `score` sees `settings.window` as a number. */
export const definePolicy = <const T extends SettingTable>(policy: Policy<T>): Policy<T> => policy;
