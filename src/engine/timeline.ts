import { fullBits } from './cache/columns.ts';
import { isSet, type Attention, type Event, type Missed, type Phase } from './events.ts';
import { count, emptyTally, entryBytes, tallyBytes, type LaneBytes } from './measure/bytes.ts';
import { blockSize } from './paging/pool.ts';

/** What a lane's model looks like, as far as its film is concerned. */
export interface Shape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Tokens that the lane reads in all, answers included. */
  readonly tokens: number;
}

/** The state of one lane after a number of ticks, to be looked at only. Heads are numbered layer * kvHeads + kvHead. */
export interface Frame {
  /** Tokens read so far. */
  read: number;
  /** [heads, tokens]: bits of the key of each token that the head holds, 0 where it holds none; and of its value. */
  keyBits: Uint8Array;
  valueBits: Uint8Array;
  /** [heads, tokens]: bytes of scales and the like. */
  overhead: Float64Array;
  /** [heads, tokens]: the slot that the token lies in; -1 where it lies in none on the device. */
  slot: Int16Array;
  /** [heads, tokens]: 1 where the token lies in the host's memory. */
  host: Uint8Array;
  /** [heads]: bytes stored beside the entries. */
  beside: Float64Array;
  besideHost: Float64Array;
  /** Bytes carried so far, to the device and to the host. */
  moved: { readonly in: number; readonly out: number };
  /** Bytes that came over a network so far, packed for the way: not what is held of them. */
  crossed: number;
  /** Tokens that changed memories in the newest tick, each once, in the order in which they went. */
  carried: readonly number[];
  /** Of the newest pass, in a lane with two memories. */
  recall: number | undefined;
  missed: Missed | undefined;
  /** [blocks]: 1 where the block is allocated. */
  blocks: Uint8Array;
  answer: string[];
  /** Over the answer's tokens so far, the strongest look at each position. */
  attention: Attention | undefined;
  phase: Phase;
}

/** The largest columns are zero in most lanes, and change in few ticks: frames share them until one of them has another. */
const shared = new WeakSet<Float64Array | Uint8Array>();

function copy(frame: Frame): Frame {
  shared.add(frame.overhead).add(frame.host);
  return {
    ...frame,
    keyBits: frame.keyBits.slice(),
    valueBits: frame.valueBits.slice(),
    slot: frame.slot.slice(),
    beside: frame.beside.slice(),
    besideHost: frame.besideHost.slice(),
    blocks: frame.blocks.slice(),
    answer: [...frame.answer],
  };
}

/** The frame's overhead, to be written. */
const ownOverhead = (frame: Frame): Float64Array =>
  shared.has(frame.overhead) ? (frame.overhead = frame.overhead.slice()) : frame.overhead;

/** The same of what lies with the host. */
const ownHost = (frame: Frame): Uint8Array => (shared.has(frame.host) ? (frame.host = frame.host.slice()) : frame.host);

function empty({ layers, kvHeads, tokens }: Shape): Frame {
  const heads = layers * kvHeads;
  return {
    read: 0,
    keyBits: new Uint8Array(heads * tokens),
    valueBits: new Uint8Array(heads * tokens),
    overhead: new Float64Array(heads * tokens),
    slot: new Int16Array(heads * tokens).fill(-1),
    host: new Uint8Array(heads * tokens),
    beside: new Float64Array(heads),
    besideHost: new Float64Array(heads),
    moved: { in: 0, out: 0 },
    crossed: 0,
    carried: [],
    recall: undefined,
    missed: undefined,
    blocks: new Uint8Array(Math.ceil(tokens / blockSize)),
    answer: [],
    attention: undefined,
    phase: 'read',
  };
}

/** Tokens that a head holds in a frame, ascending. */
export function heldTokens({ keyBits, read }: Pick<Frame, 'keyBits' | 'read'>, tokens: number, head: number): number[] {
  const held: number[] = [];
  for (let token = 0; token < read; token++) if (keyBits[head * tokens + token]) held.push(token);
  return held;
}

/**
 * Bytes that a lane holds in a frame.
 * @param upTo only of the first so many tokens, and of the blocks that a full cache of them would fill
 */
export function frameBytes(
  frame: Frame,
  { headDim, tokens }: Pick<Shape, 'headDim' | 'tokens'>,
  upTo = tokens,
): LaneBytes {
  const { keyBits, host, beside, besideHost, blocks } = frame;
  const [near, far] = [emptyTally(), emptyTally()];
  for (let head = 0; head < beside.length; head++) {
    near.overhead += beside[head]!;
    far.overhead += besideHost[head]!;
    for (let at = head * tokens; at < head * tokens + upTo; at++) {
      if (keyBits[at]) count(host[at] ? far : near, frame, at);
    }
  }
  let allocated = 0;
  for (const block of blocks.subarray(0, Math.ceil(upTo / blockSize))) allocated += block;
  return tallyBytes(near, allocated, beside.length, headDim, far);
}

function forget(frame: Frame, at: number): void {
  frame.keyBits[at] = frame.valueBits[at] = 0;
  frame.slot[at] = -1;
  if (frame.overhead[at]) ownOverhead(frame)[at] = 0;
  if (frame.host[at]) ownHost(frame)[at] = 0;
}

function arrive(frame: Frame, shape: Shape, from: number, to: number, slot: number): void {
  for (let head = 0; head < shape.layers * shape.kvHeads; head++) {
    const base = head * shape.tokens;
    frame.keyBits.fill(fullBits, base + from, base + to);
    frame.valueBits.fill(fullBits, base + from, base + to);
    for (let token = from; token < to; token++) frame.slot[base + token] = slot + token - from;
  }
  frame.read = to;
}

function apply(frame: Frame, event: Event, shape: Shape): void {
  const { kvHeads, tokens } = shape;
  switch (event.type) {
    case 'append':
    case 'splice':
      arrive(frame, shape, event.from, event.to, event.slot);
      break;
    case 'adopt':
      arrive(frame, shape, 0, event.to, 0);
      break;
    case 'retain':
      event.held.forEach((mask, kvHead) => {
        const base = (event.layer * kvHeads + kvHead) * tokens;
        for (let token = 0; token < frame.read; token++) {
          if (frame.keyBits[base + token] && !isSet(mask, token)) forget(frame, base + token);
        }
      });
      break;
    case 'encode':
      for (const { kvHead, side, from, to, bits, overhead, wire = 0 } of event.parts) {
        frame.crossed += wire * (to - from);
        const base = (event.layer * kvHeads + kvHead) * tokens;
        const written = side === 'keys' ? frame.keyBits : frame.valueBits;
        const all = ownOverhead(frame);
        for (let token = 0, entry = 0; entry < to && token < frame.read; token++) {
          if (!frame.keyBits[base + token]) continue;
          if (entry++ < from) continue;
          written[base + token] = bits;
          all[base + token]! += overhead;
        }
      }
      break;
    case 'copy':
      event.moves.forEach((moves, kvHead) => move(frame, (event.layer * kvHeads + kvHead) * tokens, moves));
      break;
    case 'move':
      frame.carried = [
        ...new Set([...frame.carried, ...event.moves.flatMap((moves) => [...moves].filter((_, i) => i % 2 === 0))]),
      ];
      event.moves.forEach((moves, kvHead) => {
        carry(frame, (event.layer * kvHeads + kvHead) * tokens, moves, event.to === 'host', shape.headDim);
      });
      break;
    case 'index':
      frame.beside.set(event.bytes, event.layer * kvHeads);
      frame.besideHost.set(event.host ?? event.bytes.map(() => 0), event.layer * kvHeads);
      break;
    case 'missed':
      frame.recall = event.recall;
      frame.missed = event.missed;
      break;
    case 'truncate':
      for (let head = 0; head < frame.beside.length; head++) {
        for (let token = event.to; token < frame.read; token++) forget(frame, head * tokens + token);
      }
      frame.read = Math.min(frame.read, event.to);
      break;
    case 'allocate':
      frame.blocks[event.index] = 1;
      break;
    case 'free':
      frame.blocks[event.index] = 0;
      break;
    case 'answer':
      frame.answer.push(event.word);
      // The full stop looks back at the answer itself, and would hide where that came from.
      if (event.word !== '.' || !frame.attention) {
        frame.attention = strongest(frame.attention, event.attention, frame.beside.length);
      }
      break;
    case 'tick':
      frame.phase = event.phase;
  }
}

/** @param base of the head's tokens @param moves slots: from, to, from, to, ... */
function move(frame: Frame, base: number, moves: Uint32Array): void {
  const to = new Map<number, number>();
  for (let i = 0; i < moves.length; i += 2) to.set(moves[i]!, moves[i + 1]!);
  for (let token = 0; token < frame.read; token++) {
    const slot = to.get(frame.slot[base + token]!);
    if (slot !== undefined && frame.keyBits[base + token]) frame.slot[base + token] = slot;
  }
}

/** @param base of the head's tokens @param moves token, slot, token, slot, ... */
function carry(frame: Frame, base: number, moves: Uint32Array, host: boolean, headDim: number): void {
  const side = host ? 'out' : 'in';
  for (let i = 0; i < moves.length; i += 2) {
    const at = base + moves[i]!;
    ownHost(frame)[at] = Number(host);
    frame.slot[at] = host ? -1 : moves[i + 1]!;
    frame.moved = { ...frame.moved, [side]: frame.moved[side] + entryBytes(frame, at, headDim) };
  }
}

/** The strongest look at each position in either of two. Later tokens of an answer have read more positions. */
export function strongest(a: Attention | undefined, b: Attention, heads: number): Attention {
  if (!a) return b;
  const weights = new Map(a.positions.map((position, i) => [position, a.weights[i]!]));
  b.positions.forEach((position, i) => weights.set(position, Math.max(weights.get(position) ?? 0, b.weights[i]!)));
  const merged = { positions: [...weights.keys()], weights: [...weights.values()] };
  return a.heads && b.heads ? { ...merged, heads: strongestHeads(a.heads, b.heads, heads) } : merged;
}

function strongestHeads(a: Uint8Array, b: Uint8Array, count: number): Uint8Array {
  const heads = b.slice();
  const [short, long] = [a.length / count, b.length / count];
  for (let head = 0; head < count; head++) {
    for (let i = 0; i < short; i++) {
      heads[head * long + i] = Math.max(heads[head * long + i]!, a[head * short + i]!);
    }
  }
  return heads;
}

const checkpointEvery = 8;

const byTickOf = (events: readonly Event[]): Event[][] => {
  const byTick: Event[][] = [[]];
  for (const event of events) {
    byTick.at(-1)!.push(event);
    if (event.type === 'tick') byTick.push([]);
  }
  return byTick.filter((tick) => tick.length);
};

/** Events cut into ticks, with the frames that were passed on the way. */
class Reel {
  readonly byTick: readonly (readonly Event[])[];
  readonly #shape: Shape;
  readonly #checkpoints = new Map<number, Frame>();
  #end: Frame | undefined;

  constructor(events: readonly Event[], shape: Shape, start: Frame) {
    this.byTick = byTickOf(events);
    this.#shape = shape;
    this.#checkpoints.set(0, start);
  }

  /** The frame after all of its ticks, for whoever goes on from it. */
  get end(): Frame {
    return (this.#end ??= this.seek(this.byTick.length));
  }

  /**
   * The frame after `target` of its ticks. On the way to the end nothing is put aside: a dragged budget shows the ends of many films
   * and nothing else of them.
   */
  seek(target: number): Frame {
    const remember = target < this.byTick.length;
    let at = target - (target % checkpointEvery);
    while (!this.#checkpoints.has(at)) at -= checkpointEvery;
    const known = this.#checkpoints.get(at)!;
    if (at === target) return known;
    const frame = copy(known);
    while (at < target) {
      frame.carried = [];
      for (const event of this.byTick[at]!) apply(frame, event, this.#shape);
      if (++at % checkpointEvery === 0 && remember && !this.#checkpoints.has(at))
        this.#checkpoints.set(at, copy(frame));
    }
    return frame;
  }
}

/** What all lanes of a prompt begin with is folded once, for all of them and for every budget. */
const openings = new WeakMap<readonly Event[], { readonly reel: Reel; readonly shape: Shape }>();

function openingOf(events: readonly Event[], shape: Shape): Reel {
  const known = openings.get(events);
  if (known && JSON.stringify(known.shape) === JSON.stringify(shape)) return known.reel;
  const reel = new Reel(events, shape, empty(shape));
  openings.set(events, { reel, shape });
  return reel;
}

/**
 * A lane's events as a film that can be wound to any tick: first what all lanes of a prompt share, then the lane's own. Going back starts from the last
 * checkpoint and replays, so a tick shows the same frame however it was reached.
 */
export class Timeline {
  readonly ticks: number;
  /** Phase of each tick; tick t is reached after t of them. */
  readonly phases: readonly Phase[];
  readonly shape: Shape;
  readonly #opening: Reel;
  readonly #own: Reel;

  /** @param events the lane's own @param opening events of the prompt before them: the same array for all its lanes, so that they are folded once */
  constructor(events: readonly Event[], shape: Shape, opening: readonly Event[] = []) {
    this.shape = shape;
    this.#opening = opening.length ? openingOf(opening, shape) : new Reel([], shape, empty(shape));
    this.#own = new Reel(events, shape, this.#opening.end);
    const byTick = [...this.#opening.byTick, ...this.#own.byTick];
    this.ticks = byTick.length;
    // A lane that is about to answer has begun a tick that did not end.
    this.phases = byTick.map((tick) => {
      const last = tick.at(-1)!;
      return last.type === 'tick' ? last.phase : 'answer';
    });
  }

  /** The frame after `tick` ticks; beyond the last one the lane stands still. */
  seek(tick: number): Frame {
    const target = Math.max(0, Math.min(Math.floor(tick) || 0, this.ticks));
    const opening = this.#opening.byTick.length;
    return target <= opening ? this.#opening.seek(target) : this.#own.seek(target - opening);
  }

  get tokens(): number {
    return this.shape.tokens;
  }
}
