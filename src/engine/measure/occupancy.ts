/**
 * How many blocks eviction leaves when survivors lie at random: what is held in n slots by `heads` heads that keep k entries each, all choices alike. A head leaves a
 * block of b slots empty with the chance that all its k survivors lie elsewhere, and the block is free only when every head does:
 *
 *     P(empty) = C(n - b, k) / C(n, k)        E[blocks] = sum over blocks of 1 - P(empty)^heads
 *
 * With many slots P(empty) is nearly (1 - k/n)^b: 0.9^16 = 18.5 % for a tenth kept in blocks of 16.
 * @returns expected blocks that stay, of ceil(slots / blockSize)
 */
export function expectedBlocks(slots: number, kept: number, blockSize: number, heads = 1): number {
  const last = slots % blockSize;
  const stays = (size: number) => 1 - chanceEmpty(slots, kept, size) ** heads;
  return Math.floor(slots / blockSize) * stays(blockSize) + (last ? stays(last) : 0);
}

/** That none of k survivors among n slots lies in a block of b: a product of b factors (n - k - i) / (n - i). */
function chanceEmpty(slots: number, kept: number, size: number): number {
  let chance = 1;
  for (let i = 0; i < size; i++) chance *= Math.max(0, slots - kept - i) / (slots - i);
  return chance;
}
