import type { Term } from '../lane-spec.ts';
import { memberOf } from '../members.ts';
import type { Config } from '../model/config.ts';
import type { TensorName } from '../eviction/types.ts';
import { readingWork } from './work.ts';

/**
 * What a rule looks at that a fused kernel hands to nobody: no attention; products that it works out itself, such as those of a window; all rows of attention;
 * those of a second reading; or those of an answer that nobody has given yet.
 */
export const looks = ['none', 'some', 'all', 'again', 'future'] as const;
export type Look = (typeof looks)[number];

/** Of a rule alone, whatever stands inside it. */
export function ownLook({ needs = [[]], products }: Asking): Look {
  const always = (name: TensorName) => needs.every((row) => row.includes(name));
  if (always('future_attentions')) return 'future';
  if (always('repeat_attentions')) return 'again';
  if (products) return 'some';
  return always('attentions') ? 'all' : 'none';
}

interface Asking {
  readonly needs?: readonly (readonly TensorName[])[];
  products?(settings: Term['settings'], seq: number): number;
}

export interface ScoreWork {
  /** The most that the term or one inside it looks at. */
  readonly look: Look;
  /** Multiply-accumulates of a layer, on average over the layers; undefined where no work can buy it. */
  readonly macs: number | undefined;
}

/**
 * What rules pay, beside the prefill of `seq` tokens, where attention runs in a fused kernel: products of queries and keys, worked out again. An eager kernel
 * spares that work and writes down seq * seq probabilities of each query head instead. What rules do with keys and values that are held is not counted.
 * @param term that scores or shares out
 */
export function scoreWork(term: Term, config: Config, seq: number): ScoreWork {
  const member = memberOf(term.name) as Asking;
  const look = ownLook(member);
  const inner = term.terms.map((one) => scoreWork(one, config, seq));
  const all = [{ look, macs: ownWork(look, member.products?.(term.settings, seq) ?? 0, config, seq) }, ...inner];
  return {
    look: looks[Math.max(...all.map((one) => looks.indexOf(one.look)))]!,
    macs: all.reduce<number | undefined>(
      (sum, { macs }) => (sum === undefined || macs === undefined ? undefined : sum + macs),
      0,
    ),
  };
}

function ownWork(look: Look, products: number, config: Config, seq: number): number | undefined {
  const { layers, kvHeads, heads, headDim } = config;
  const each = heads * headDim;
  if (look === 'future') return undefined;
  if (look === 'none') return 0;
  if (look === 'some') return each * products;
  if (look === 'all') return (each * seq * (seq + 1)) / 2;
  // All but <bos> is read behind the whole prompt, and then each of these rows is worked out once more.
  const again = Math.max(0, seq - 1);
  const reading = readingWork(config, new Array<number>(layers * kvHeads).fill(seq), again, Math.min(1, again));
  return reading / layers + each * (again * seq + (again * (again + 1)) / 2);
}
