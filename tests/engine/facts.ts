/** Runs in a form in which two of them can be compared to the last bit. */
import { Lane } from '../../src/engine/lane.ts';
import { drive, live, type Lived, type Step } from '../../src/engine/live.ts';
import type { Engine, LaneRun, Prepared } from '../../src/engine/engine.ts';
import type { Event } from '../../src/engine/events.ts';
import { makePlan } from '../../src/engine/plan.ts';
import { specsOf } from './harbour.ts';

export const every = <T>(count: number, value: T) => new Array<T>(count).fill(value);

/** Numbers from 0, or from `from`, to below `to`. */
export const range = (to: number, from = 0) => Array.from({ length: to - from }, (_, i) => from + i);

export const counts = ({ kept }: Pick<LaneRun, 'kept'>) => kept.flatMap((heads) => heads.map(({ length }) => length));
export const positions = ({ kept }: Pick<LaneRun, 'kept'>) => kept.map((heads) => heads.map((row) => [...row]));

/** The bits of numbers, which are compared faster than the numbers. */
const bits = ({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** Which block of the pool a lane gets depends on who else holds some; nothing else does. */
export const anyBlock = (event: Event) => {
  if ('block' in event) return { ...event, block: 'any' };
  if (event.type === 'retain') return { ...event, held: event.held.map(bits) };
  if (event.type === 'answer')
    return { ...event, attention: { ...event.attention, heads: bits(event.attention.heads!) } };
  return event;
};

export const stepFacts = ({ token, logits, looked }: Step) => ({
  token,
  logits: bits(logits),
  looks: looked && bits(looked.looks),
  read: looked && bits(looked.read),
});

/** Everything a run says. */
export const facts = (run: LaneRun) => ({
  ...run,
  kept: positions(run),
  steps: run.steps.map(stepFacts),
  turns: run.turns.map((turn) => ({ ...turn, steps: turn.steps.map(stepFacts) })),
  events: run.events.map(anyBlock),
});

/** One lane run by hand, without what the engine remembers of other lanes. @param watch called at each of its ticks */
export function liveAlone(
  engine: Engine,
  prepared: Prepared,
  spec: string,
  share: number,
  watch: (lane: Lane, events: readonly Event[]) => void = () => {},
): Lived & { readonly events: readonly Event[] } {
  const events: Event[] = [];
  const emit = (event: Event) => {
    events.push(event);
    if (event.type === 'tick') watch(lane, events);
  };
  const lane = new Lane(prepared.ground, makePlan(specsOf(spec)[0]!), share, emit);
  const process = live(lane, prepared.script, prepared.views, prepared.full.answers, emit);
  const [lived] = drive([{ life: process, first: process.next() }], (readings) => engine.model.forward(readings));
  lane.release();
  return { ...lived!, events };
}
