/** What `attentionSums` can work from when only the newest rows are asked for, as a rule states it in `needs`. */
export const attentionNeeds = [['attentions'], ['queries', 'keys']] as const;

/** Products of a query with the keys that it can see, for the newest `rows` of `seq` tokens: the first of them sees seq - rows + 1, the last all. */
export function newestProducts(rows: number, seq: number): number {
  const some = Math.min(rows, seq);
  return some * seq - (some * (some - 1)) / 2;
}
