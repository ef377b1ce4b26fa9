import type { Encoding } from '../events.ts';
import type { Codec, HeadAtWork, Side } from '../quantization/types.ts';
import { fullBits } from './columns.ts';
import type { KVCache } from './kv-cache.ts';

/**
 * Writes what waits in one layer as its codec wants it. The rows then hold what decoding gives back, so attention reads what a server's kernel would;
 * bytes are counted from the bits. Call it whenever tokens were added or dropped.
 * @param queries [rows * group][headDim], the queries of a KV head's group at up to so many latest tokens
 */
export function encodePending(
  cache: KVCache,
  codec: Codec,
  layer: number,
  queries?: (kvHead: number, rows: number) => Float32Array,
): void {
  const { kvHeads, layers, headDim } = cache.store.config;
  const parts: Encoding[] = [];
  for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
    const head = layer * kvHeads + kvHead;
    const looked = queries && { queries: (rows: number) => queries(kvHead, rows) };
    const at = { layer, layers, kvHead, headDim, ...looked };
    for (const side of ['keys', 'values'] as const) {
      const from = writtenSmall(cache, head, side);
      const count = codec.pending(cache.count(head) - from, side, at);
      if (count)
        parts.push({ kvHead, side, from, to: from + count, ...encode(cache, codec, head, side, from, count, at) });
    }
  }
  cache.encoded(layer, parts);
}

/**
 * Writes the oldest entries of each KV head of a layer, but those that were written small before.
 * @param upTo for each KV head how many
 */
export function encodeRange(
  cache: KVCache,
  codec: Pick<Codec, 'basis' | 'encode'>,
  layer: number,
  upTo: readonly number[],
): void {
  const { layers, headDim } = cache.store.config;
  const parts = upTo.flatMap((to, kvHead) =>
    (['keys', 'values'] as const).flatMap((side) => {
      const head = layer * upTo.length + kvHead;
      const from = writtenSmall(cache, head, side);
      if (from >= to) return [];
      const at = { layer, layers, kvHead, headDim };
      return [{ kvHead, side, from, to, ...encode(cache, codec, head, side, from, to - from, at) }];
    }),
  );
  cache.encoded(layer, parts);
}

/** Entries are encoded oldest first, so that those which still wait are the last ones. */
function writtenSmall({ columns }: KVCache, head: number, side: Side): number {
  const bits = side === 'keys' ? columns.keyBits : columns.valueBits;
  const base = head * columns.capacity;
  let count = columns.counts[head]!;
  while (count && bits[base + count - 1] === fullBits) count--;
  return count;
}

function encode(
  cache: KVCache,
  codec: Pick<Codec, 'basis' | 'encode'>,
  head: number,
  side: Side,
  from: number,
  count: number,
  at: HeadAtWork,
): Pick<Encoding, 'bits' | 'overhead' | 'wire'> {
  cache.ownAll();
  const { headDim } = at;
  const { heap, rope, values } = cache.store;
  const { f32 } = heap;
  const place = (i: number) => cache.row(head, from + i) * headDim + (side === 'values' ? values : 0);
  const rows = new Float32Array(count * headDim);
  for (let i = 0; i < count; i++) {
    for (let c = 0, start = place(i); c < headDim; c++) rows[i * headDim + c] = f32[start + c]!;
  }
  const positions =
    side === 'keys' && codec.basis(at) === 'before-rope' ? cache.positions(head).subarray(from) : undefined;
  if (positions) for (let i = 0; i < count; i++) rope.rotate(rows, i * headDim, 1, -positions[i]!);
  const encoded = codec.encode(rows, side, at);
  const decoded = encoded.decode();
  if (positions) for (let i = 0; i < count; i++) rope.rotate(decoded, i * headDim, 1, positions[i]!);
  for (let i = 0; i < count; i++) {
    for (let c = 0, start = place(i); c < headDim; c++) f32[start + c] = decoded[i * headDim + c]!;
  }
  const wire = encoded.wire && { wire: encoded.wire().length / count };
  return { bits: encoded.bits, overhead: encoded.overhead / count, ...wire };
}
