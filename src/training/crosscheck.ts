/** What Python found: see crosscheck.py and presses.py. */
export interface Findings {
  readonly versions: { readonly torch: string; readonly transformers: string; readonly kvpress: string };
  /** `worst` is the largest difference between two logits, over all tokens of all answers. */
  readonly logits: {
    readonly prompts: number;
    readonly tokens: number;
    readonly worst: number;
    readonly limit: number;
  };
  readonly greedy: { readonly prompts: number; readonly equal: number };
  readonly tokenizer: {
    readonly prompts: number;
    readonly encoded: number;
    readonly decoded: number;
    readonly unknown: { readonly prompts: number; readonly equal: number };
  };
  readonly presses: readonly PressResult[];
}

/** A set is what one KV head of one layer keeps of one text at one budget. */
export interface PressResult {
  readonly name: string;
  readonly spec: string;
  readonly sets: number;
  readonly equal: number;
  /** Sets that differ in entries whose scores are equal, as far as float32 can tell. */
  readonly ties: number;
  readonly unequal: number;
}

export interface Crosscheck extends Findings {
  /** The UTC day. */
  readonly date: string;
  readonly model: string;
  readonly weights_sha256: string;
  readonly seed: number;
  readonly lengths: readonly number[];
  readonly keep: readonly number[];
}

export const agree = ({ logits, greedy, tokenizer, presses }: Findings): boolean =>
  logits.worst <= logits.limit &&
  greedy.equal === greedy.prompts &&
  tokenizer.encoded === tokenizer.prompts &&
  tokenizer.decoded === tokenizer.prompts &&
  tokenizer.unknown.equal === tokenizer.unknown.prompts &&
  presses.every(({ unequal }) => unequal === 0);
