import { groupMean } from '../eviction/group-mean.ts';
import { seeded, type Random } from '../random.ts';
import { leaving } from './nearest.ts';
import { defineFate } from './types.ts';

/**
 * CaM leaves the value of what goes to its neighbours: with a chance that grows with the attention it got, it is shared among those that stay next
 * behind it. Keys stay as they are.
 * Based on "CaM: Cache Merging for Memory-efficient LLMs Inference" (ICML 2024); as kvpress CAMPress.
 *
 *     i leaves: W = the next `neighbours` entries behind it that stay        a = what the last `window` tokens paid, mean over the group
 *     p = clamp(a_i / mean of a over W, 0, 1)        with this chance v_j' = v_j + v_i / |W| for every j in W
 *
 * Deviations: kvpress adds up attention over all steps of an answer, and acts while answering only; of what leaves it takes the best scored, as many as
 * steps went by. Here it may act after a prompt too, and all that leaves is a candidate. Its heads keep the same tokens; here each head has its own
 * neighbours. Chance comes from the seed, the layer and the tokens read, so that a lane repeats itself.
 */
export const cam = defineFate({
  name: 'cam',
  caption: { name: 'CaM', idea: 'neighbours take over the value, by chance' },
  source: 'ICML 2024, LCTmppB165; kvpress CAMPress',
  settings: {
    neighbours: { kind: 'number', default: 32, min: 1, max: 128, step: 1, about: 'Entries that share a value.' },
    window: { kind: 'number', default: 32, min: 1, max: 512, step: 1, about: 'Last tokens whose attention counts.' },
    seed: { kind: 'number', default: 0, min: 0, max: 65535, step: 1, about: 'Another seed draws other chances.' },
  },
  make: ({ neighbours, window, seed }) => ({
    before(cache, layer, kept, view) {
      const paid = groupMean(view.attentionSums(Math.min(window, view.seq)), view.kvHeads);
      const chance = seeded(Math.imul(view.seq, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b) ^ (layer + 1));
      const shares = kept.map((entries, kvHead) => sharesOf(paid[kvHead]!, entries, neighbours, chance));
      cache.merge(
        layer,
        shares.map(({ pairs }) => Int32Array.from(pairs)),
        shares.map(({ weights }) => Float64Array.from(weights)),
        { divisor: 'nothing' },
      );
    },
  }),
});

function sharesOf(paid: Float64Array, kept: Int32Array, neighbours: number, chance: Random) {
  const pairs: number[] = [];
  const weights: number[] = [];
  let behind = 0;
  for (const entry of leaving(paid.length, kept)) {
    while (behind < kept.length && kept[behind]! < entry) behind++;
    const heirs = kept.subarray(behind, behind + neighbours);
    // Drawn for every entry, so that one that has no chance does not change what others get.
    const drawn = chance();
    const mean = heirs.reduce((sum, heir) => sum + paid[heir]!, 0) / heirs.length;
    if (!(paid[entry]! > 0 && drawn < paid[entry]! / mean)) continue;
    for (const heir of heirs) {
      pairs.push(entry, heir);
      weights.push(1 / heirs.length);
    }
  }
  return { pairs, weights };
}
