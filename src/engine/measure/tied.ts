import type { Engine, Prepared } from '../engine.ts';
import { Lane } from '../lane.ts';
import { parseLane } from '../lane-spec.ts';
import { drive, repeat } from '../live.ts';
import { makePlan } from '../plan.ts';
import type { Basis } from '../quantization/types.ts';
import { divergence } from './divergence.ts';
import { beforeRope, type HeadRows } from './head-rows.ts';
import { leastSquares, mapped } from './linear-map.ts';

/** For each head the matrix [headDim][headDim] that makes values of keys. */
export type Maps = readonly Float64Array[];

/** Keys of one head in a basis. @param keys [n][headDim] as they are cached, of positions 0, 1, 2, ... */
export const keysIn = (basis: Basis, keys: Float32Array, { headDim, rope }: Place): Float32Array =>
  basis === 'cached' ? keys : beforeRope(keys, headDim, rope);

interface Place {
  readonly headDim: number;
  readonly rope: Parameters<typeof beforeRope>[2];
}

export const placeOf = ({ model: { config, store } }: Engine): Place => ({ headDim: config.headDim, rope: store.rope });

/** Fits one matrix a head on several texts at once. */
export function fitMaps(texts: readonly HeadRows[], basis: Basis, place: Place): Maps {
  return texts[0]!.keys.map((_, head) => {
    const keys = joined(texts.map((text) => keysIn(basis, text.keys[head]!, place)));
    return leastSquares(keys, joined(texts.map((text) => text.values[head]!)), place.headDim);
  });
}

export function joined(lists: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/**
 * Puts what a map makes of the cached keys in the place of the cached values, and lets the model say the full cache's answer with that. Tokens of the
 * question and of the answer keep their own values.
 * @param heads whose values are replaced
 * @returns mean KL(full || lane) in nats
 */
export function withoutValues(
  engine: Engine,
  { ground, views, script, full, logReference }: Prepared,
  maps: Maps,
  basis: Basis,
  heads: Iterable<number>,
): number {
  const lane = new Lane(ground, makePlan(parseLane('full').spec), 1, () => {});
  lane.act('prompt', views);
  lane.cache.ownAll();
  const { kvHeads, headDim } = engine.model.config;
  for (const head of heads) {
    const keys = views[Math.floor(head / kvHeads)]!.keys(head % kvHeads);
    const values = mapped(keysIn(basis, keys, placeOf(engine)), maps[head]!, headDim);
    for (let entry = 0; entry < lane.cache.count(head); entry++) {
      const row = lane.cache.row(head, entry);
      lane.cache.store.value(row).set(values.subarray(entry * headDim, (entry + 1) * headDim));
    }
  }
  const life = repeat(lane, script, full.answers);
  const [said] = drive([{ life, first: life.next() }], (readings) => engine.model.forward(readings));
  lane.release();
  const kls = said!.flatMap((steps, turn) => steps.map(({ logits }, k) => divergence(logReference[turn]![k]!, logits)));
  return kls.reduce((a, b) => a + b, 0) / kls.length;
}
