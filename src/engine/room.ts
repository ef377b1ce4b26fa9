import type { Kept } from './budget/types.ts';
import type { Config } from './model/config.ts';
import type { Plan } from './plan.ts';
import type { Bytes } from './quantization/types.ts';

/** Bytes of one number in the full cache: 16-bit floats. */
export const numberBytes = 2;

export const sum = ({ keys, values, metadata }: Bytes) => keys + values + metadata;

/** Bytes of `tokens` tokens in every layer and KV head at 16 bits: what a budget is a share of. */
export const fullBytes = ({ layers, kvHeads, headDim }: Config, tokens: number) =>
  layers * kvHeads * tokens * headDim * 2 * numberBytes;

/** Bytes of `count` entries of one head, as the plan's lane writes them. @param indexed entries that what is stored beside tells of */
export function headBytes(
  { codec, retriever }: Plan,
  count: number,
  { layers, kvHeads, headDim }: Config,
  head: number,
  indexed = count,
) {
  const at = { layer: Math.floor(head / kvHeads), layers, kvHead: head % kvHeads, headDim };
  const side = count * headDim * numberBytes;
  return sum(codec?.bytes(count, at) ?? { keys: side, values: side, metadata: 0 }) + retriever.bytes(indexed, at);
}

/** @param counts entries of each head @param indexed as for headBytes, in every head */
export const planBytes = (plan: Plan, config: Config, counts: ArrayLike<number>, indexed?: number): number => {
  let total = 0;
  for (let head = 0; head < counts.length; head++) total += headBytes(plan, counts[head]!, config, head, indexed);
  return total;
};

export const countsOf = (kept: Kept): number[] => kept.flatMap((heads) => heads.map(({ length }) => length));

/**
 * Entries that a head may hold on average, of `tokens` tokens, so that the lane takes no more than `share` of the full cache's bytes. At 16 bits it is the
 * plain product, which a budget may cut where it likes; what is written smaller has more entries in the same bytes, in whole numbers. A lane with two
 * memories may hold so many near, beside what it stores there of all of them.
 */
export function entriesWithin(plan: Plan, config: Config, share: number, tokens: number): number {
  const heads = config.layers * config.kvHeads;
  const all = share * fullBytes(config, tokens);
  const indexed = plan.retriever.arrange ? tokens : undefined;
  const fits = (entries: number) => planBytes(plan, config, new Array<number>(heads).fill(entries), indexed) <= all;
  if (
    !plan.codec &&
    !plan.retriever.bytes(tokens, {
      layer: config.layers - 1,
      layers: config.layers,
      kvHead: 0,
      headDim: config.headDim,
    })
  ) {
    return share * tokens;
  }
  let entries = tokens;
  while (entries > 0 && !fits(entries)) entries--;
  return entries;
}
