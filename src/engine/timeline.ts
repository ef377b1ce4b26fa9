import { isSet, strongest, type Attention, type Event, type Phase } from './events.ts';
import { blockSize } from './paging/pool.ts';

/** The state of one lane after a number of ticks. */
export interface Frame {
  /** Tokens read so far. */
  read: number;
  /** [heads][positions]: 1 where the head holds the position. */
  held: Uint8Array;
  /** Tokens each head holds, and how many of them, in order, are encoded. */
  counts: Int32Array;
  encodedKeys: Int32Array;
  encodedValues: Int32Array;
  /** [blocks]: 1 where the block is allocated. */
  blocks: Uint8Array;
  answer: string[];
  /** Over the answer's tokens so far, the strongest look at each position. */
  attention: Attention | undefined;
  phase: Phase;
}

const copy = (frame: Frame): Frame => ({
  ...frame,
  held: frame.held.slice(),
  counts: frame.counts.slice(),
  encodedKeys: frame.encodedKeys.slice(),
  encodedValues: frame.encodedValues.slice(),
  blocks: frame.blocks.slice(),
  answer: [...frame.answer],
});

const empty = (heads: number, positions: number): Frame => ({
  read: 0,
  held: new Uint8Array(heads * positions),
  counts: new Int32Array(heads),
  encodedKeys: new Int32Array(heads),
  encodedValues: new Int32Array(heads),
  blocks: new Uint8Array(Math.ceil(positions / blockSize)),
  answer: [],
  attention: undefined,
  phase: 'read',
});

function apply(frame: Frame, event: Event, positions: number): void {
  const heads = frame.counts.length;
  switch (event.type) {
    case 'read':
      for (let head = 0; head < heads; head++) {
        frame.held.fill(1, head * positions + event.from, head * positions + event.to);
        frame.counts[head]! += event.to - event.from;
      }
      frame.blocks.fill(1, Math.floor(event.from / blockSize), Math.ceil(event.to / blockSize));
      frame.read = event.to;
      break;
    case 'keep':
      event.held.forEach((mask, kvHead) => {
        const head = event.layer * event.held.length + kvHead;
        let count = 0;
        for (let i = 0; i < frame.read; i++) count += frame.held[head * positions + i] = isSet(mask, i);
        frame.counts[head] = count;
      });
      break;
    case 'encode':
      event.keys.forEach((keys, kvHead) => {
        frame.encodedKeys[event.layer * event.keys.length + kvHead] = keys;
        frame.encodedValues[event.layer * event.keys.length + kvHead] = event.values[kvHead]!;
      });
      break;
    case 'free':
      for (const block of event.blocks) frame.blocks[block] = 0;
      break;
    case 'answer':
      frame.answer.push(event.word);
      // The full stop looks back at the answer itself, and would hide where that came from.
      if (event.word !== '.' || !frame.attention) frame.attention = strongest(frame.attention, event.attention, heads);
      break;
    case 'tick':
      frame.phase = event.phase;
  }
}

const checkpointEvery = 8;

/**
 * A lane's events as a film that can be wound to any tick. Going back starts from the last checkpoint and replays, so a tick shows
 * the same frame however it was reached.
 */
export class Timeline {
  readonly ticks: number;
  /** Phase of each tick; tick t is reached after t of them. */
  readonly phases: readonly Phase[];
  readonly #heads: number;
  readonly #positions: number;
  readonly #byTick: readonly (readonly Event[])[];
  readonly #checkpoints = new Map<number, Frame>();

  /** @param positions tokens that the lane reads in all, answer included */
  constructor(events: readonly Event[], heads: number, positions: number) {
    const byTick: Event[][] = [[]];
    for (const event of events) {
      byTick.at(-1)!.push(event);
      if (event.type === 'tick') byTick.push([]);
    }
    this.#byTick = byTick.filter((tick) => tick.length);
    this.#heads = heads;
    this.#positions = positions;
    this.ticks = this.#byTick.length;
    this.phases = this.#byTick.map((tick) => (tick.at(-1) as Extract<Event, { type: 'tick' }>).phase);
    this.#checkpoints.set(0, empty(heads, positions));
  }

  /** The frame after `tick` ticks; beyond the last one the lane stands still. The caller owns it. */
  seek(tick: number): Frame {
    const target = Math.max(0, Math.min(Math.floor(tick) || 0, this.ticks));
    let at = target - (target % checkpointEvery);
    while (!this.#checkpoints.has(at)) at -= checkpointEvery;
    const frame = copy(this.#checkpoints.get(at)!);
    while (at < target) {
      for (const event of this.#byTick[at]!) apply(frame, event, this.#positions);
      if (++at % checkpointEvery === 0 && !this.#checkpoints.has(at)) this.#checkpoints.set(at, copy(frame));
    }
    return frame;
  }

  get heads(): number {
    return this.#heads;
  }
  get positions(): number {
    return this.#positions;
  }
}
