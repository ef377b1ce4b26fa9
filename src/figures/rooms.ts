import type { Event } from '../engine/events.ts';
import type { Frame } from '../engine/timeline.ts';
import type { View } from '../state/view.ts';

/** Where a word lies: near in some of the heads in view, all of it with the host, or nowhere. */
export interface Placed {
  readonly position: number;
  /** 1..16, as of ink: the share of heads that hold it near. */
  readonly level: number;
  /** The most that a head would have paid to it, had it been near. */
  readonly wanted: number;
  /** When it goes, of the words that changed memories in this tick; -1 where it stays. */
  readonly turn: number;
}

export interface Rooms {
  readonly near: readonly Placed[];
  readonly far: readonly Placed[];
}

/**
 * The words of a text in two rooms, in the order of the text.
 * @param tokens of a row of the frame @param count words of the text, <bos> included
 */
export function roomsOf(frame: Frame, tokens: number, heads: readonly number[], count: number): Rooms {
  const { keyBits, host, carried, missed, read } = frame;
  const turns = new Map(carried.map((token, turn) => [token, turn]));
  const wanted = new Map(missed?.positions.map((token, i) => [token, missed.weights[i]!]));
  const [near, far]: [Placed[], Placed[]] = [[], []];
  for (let position = 1; position < Math.min(count, read); position++) {
    let [here, away] = [0, 0];
    for (const head of heads) {
      const at = head * tokens + position;
      if (keyBits[at]) host[at] ? away++ : here++;
    }
    const level = here ? Math.max(1, Math.round((16 * here) / heads.length)) : 0;
    const placed = { position, level, wanted: wanted.get(position) ?? 0, turn: turns.get(position) ?? -1 };
    if (here) near.push(placed);
    else if (away) far.push(placed);
  }
  return { near, far };
}

/** One tick of a lane: entries carried in and out, and how much of what was wanted was near; undefined where nobody asked. */
export interface Traffic {
  readonly in: number;
  readonly out: number;
  readonly recall: number | undefined;
}

/** Of each tick that a lane has of its own, from its first pass on. */
export function trafficOf(events: readonly Event[]): Traffic[] {
  const ticks: Traffic[] = [];
  let now: Traffic = { in: 0, out: 0, recall: undefined };
  for (const event of events) {
    if (event.type === 'move') {
      const side = event.to === 'host' ? 'out' : 'in';
      now = { ...now, [side]: now[side] + event.moves.reduce((sum, { length }) => sum + length / 2, 0) };
    } else if (event.type === 'missed') now = { ...now, recall: event.recall };
    else if (event.type === 'tick') {
      ticks.push(now);
      now = { in: 0, out: 0, recall: undefined };
    }
  }
  return ticks;
}

/**
 * How many of a lane's own ticks are over.
 * @param tick of the clock, which begins with the prompt's @param read what happened while the prompt was read @param own ticks of the lane
 */
export function nowOf(tick: View['tick'], read: readonly Event[], own: number): number {
  if (tick === 'end') return own;
  const before = read.filter(({ type }) => type === 'tick').length;
  return Math.max(0, Math.min(own, tick - before));
}
