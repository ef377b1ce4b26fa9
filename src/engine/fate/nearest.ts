import type { KVCache } from '../cache/kv-cache.ts';

/** Entries that are not kept, ascending. */
export function leaving(count: number, kept: Int32Array): number[] {
  const stays = new Uint8Array(count);
  for (const entry of kept) stays[entry] = 1;
  return Array.from(stays.keys()).filter((entry) => !stays[entry]);
}

/** Of equally near ones the older. */
export function nearest(units: Float64Array, headDim: number, entry: number, kept: Int32Array) {
  let [into, cosine] = [kept[0]!, -Infinity];
  const from = entry * headDim;
  for (let k = 0; k < kept.length; k++) {
    const at = kept[k]! * headDim;
    let likeness = 0;
    for (let c = 0; c < headDim; c++) likeness += units[from + c]! * units[at + c]!;
    if (likeness > cosine) {
      cosine = likeness;
      into = kept[k]!;
    }
  }
  return { into, cosine };
}

export function norm(row: ArrayLike<number>): number {
  let squares = 0;
  for (let c = 0; c < row.length; c++) squares += row[c]! ** 2;
  return Math.sqrt(squares);
}

/** [count, headDim]: the keys, each made one long. */
export function unitKeys(cache: KVCache, head: number, count: number, headDim: number): Float64Array {
  const units = new Float64Array(count * headDim);
  for (let entry = 0; entry < count; entry++) {
    const key = cache.store.key(cache.row(head, entry));
    const length = norm(key);
    for (let c = 0; c < headDim; c++) units[entry * headDim + c] = length ? key[c]! / length : 0;
  }
  return units;
}
