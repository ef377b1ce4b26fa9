/** What a cache holds at one moment, laid out as a frame of a film is: so that the two can be compared. */
import type { KVCache } from '../../src/engine/cache/kv-cache.ts';
import { cacheBytes } from '../../src/engine/measure/bytes.ts';
import type { Prompt } from '../../src/engine/prompt.ts';
import { frameBytes, type Frame, type Shape } from '../../src/engine/timeline.ts';
import { config } from './harbour.ts';

/** Room for everything that a lane may read: each answer has at most 14 tokens. */
export const shapeOf = (prompt: Prompt): Shape => ({
  layers: config.layers,
  kvHeads: config.kvHeads,
  headDim: config.headDim,
  tokens: prompt.compressedAt + prompt.turns.reduce((sum, { tokens }) => sum + tokens.length + 14, 0),
});

type Held = Pick<
  Frame,
  'read' | 'keyBits' | 'valueBits' | 'overhead' | 'slot' | 'host' | 'beside' | 'besideHost' | 'blocks'
>;

export interface Moment extends Held {
  readonly bytes: ReturnType<typeof cacheBytes>;
}

/** The live columns of a cache, copied. */
export function momentOf(cache: KVCache, { tokens }: Pick<Shape, 'tokens'>): Moment {
  const { heads, capacity, keyBits, valueBits, overhead, host } = cache.columns;
  const moment = {
    read: cache.length,
    keyBits: new Uint8Array(heads * tokens),
    valueBits: new Uint8Array(heads * tokens),
    overhead: new Float64Array(heads * tokens),
    slot: new Int16Array(heads * tokens).fill(-1),
    host: new Uint8Array(heads * tokens),
    beside: cache.beside.slice(),
    besideHost: cache.besideHost.slice(),
    blocks: new Uint8Array(Math.ceil(tokens / 16)),
    bytes: cacheBytes(cache),
  };
  for (let head = 0; head < heads; head++) {
    const slots = cache.slots(head);
    cache.tokens(head).forEach((token, entry) => {
      const [to, from] = [head * tokens + token, head * capacity + entry];
      moment.keyBits[to] = keyBits[from]!;
      moment.valueBits[to] = valueBits[from]!;
      moment.overhead[to] = overhead[from]!;
      moment.host[to] = host[from]!;
      moment.slot[to] = host[from] ? -1 : slots[entry]!;
    });
  }
  cache.blocks.forEach((block, index) => {
    if (block >= 0) moment.blocks[index] = 1;
  });
  return moment;
}

const bits = ({ buffer }: Uint8Array | Float32Array | Int16Array | Float64Array) => Buffer.from(buffer);

/** What a frame says otherwise than the cache did: nothing, if all is well. */
export function differences(frame: Frame, moment: Moment, shape: Shape): string[] {
  const columns = ['keyBits', 'valueBits', 'overhead', 'slot', 'host', 'beside', 'besideHost', 'blocks'] as const;
  const apart: string[] = columns.filter((column) => !bits(frame[column]).equals(bits(moment[column])));
  if (frame.read !== moment.read) apart.push(`read ${frame.read}, not ${moment.read}`);
  const bytes = frameBytes(frame, shape);
  for (const key of Object.keys(bytes) as (keyof typeof bytes)[]) {
    if (bytes[key] !== moment.bytes[key]) apart.push(`${key} ${bytes[key]}, not ${moment.bytes[key]}`);
  }
  return apart;
}
