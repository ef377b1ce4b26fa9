/** Single lanes on the shipped model, read token by token. */
import type { Engine, Prepared } from '../../src/engine/engine.ts';
import type { Event } from '../../src/engine/events.ts';
import { Lane } from '../../src/engine/lane.ts';
import { makePlan } from '../../src/engine/plan.ts';
import { specsOf } from './harbour.ts';

export interface Alone {
  readonly lane: Lane;
  readonly events: Event[];
  /** Reads tokens at once, and lets the plan act. @returns the logits after the last */
  read(...tokens: number[]): Float32Array;
  /** Tokens that a head holds. */
  held(head?: number): number[];
}

const on = (engine: Engine, lane: Lane, events: Event[]): Alone => ({
  lane,
  events,
  read(...tokens) {
    for (let i = 0; i < tokens.length; i++) lane.append();
    const [logits] = engine.model.forward([lane.reading(tokens)]);
    lane.act('token');
    return logits!;
  },
  held: (head = 0) => [...lane.cache.tokens(head)],
});

/** A lane that has shrunk after its prompt. */
export function laneOf(engine: Engine, { ground, views }: Prepared, spec: string, keep: number): Alone {
  const events: Event[] = [];
  const lane = new Lane(ground, makePlan(specsOf(spec)[0]!), keep, (event) => events.push(event));
  lane.act('prompt', views);
  return on(engine, lane, events);
}

/** The same lane, going on by itself. */
export const forkOf = (engine: Engine, { lane }: Alone): Alone => on(engine, lane.fork(), []);

export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
