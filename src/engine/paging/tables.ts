/** Which heads share one table of blocks: all, those of a layer, or none. In a shared table a block lies in every head, whether the head fills it or not. */
export const sharings = ['all', 'layer', 'head'] as const;
export type Sharing = (typeof sharings)[number];

/**
 * Blocks that each head has to hold when entries lie packed, in the first slots of its table: as many as the longest head of the table needs.
 * @param counts entries, [layers][kvHeads] @returns the same shape
 */
export function blocksHeld(counts: readonly (readonly number[])[], sharing: Sharing, blockSize: number): number[][] {
  const needed = counts.map((heads) => heads.map((count) => Math.ceil(count / blockSize)));
  const most = (blocks: readonly number[]) => blocks.reduce((a, b) => Math.max(a, b), 0);
  const longest = most(needed.flat());
  return needed.map((heads) => heads.map((own) => ({ all: longest, layer: most(heads), head: own })[sharing]));
}

/** Slots of held blocks in which nothing lies, as a share of them all. */
export function emptyShare(
  counts: readonly (readonly number[])[],
  blocks: readonly (readonly number[])[],
  blockSize: number,
): number {
  const add = (rows: readonly (readonly number[])[]) => rows.flat().reduce((a, b) => a + b, 0);
  const slots = add(blocks) * blockSize;
  return slots ? 1 - add(counts) / slots : 0;
}
