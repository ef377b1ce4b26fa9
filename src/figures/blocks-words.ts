import type { PoolEvent } from '../engine/paging/events.ts';
import type { Served } from '../engine/paging/serve.ts';

/** What the present step did to a block, in a word. */
export type BlockMark = 'hit' | 'new' | 'copy' | 'evicted' | 'freed';

/** @returns for each block that the step touched what it did to it: what came last counts, and a lost hash counts more than being taken */
export function marksOf({ events, action }: Served): ReadonlyMap<number, BlockMark> {
  const marks = new Map<number, BlockMark>();
  for (const event of events) {
    if (event.type === 'take') marks.set(event.block, 'new');
    if (event.type === 'share' && action === 'add') marks.set(event.block, 'hit');
    if (event.type === 'evict') marks.set(event.block, 'evicted');
    if (event.type === 'copy') marks.set(event.to, 'copy');
    if (event.type === 'free') marks.set(event.block, 'freed');
  }
  return marks;
}

const refusal = (events: readonly PoolEvent[]) => events.find((event) => event.type === 'refuse');

/** A step in a few words, for the row of the clock. */
export function stepWords(step: Served | undefined): string {
  if (!step) return 'nothing has come yet';
  const { action, request, events, state, texts } = step;
  const refused = refusal(events);
  if (refused) return `${request} needs ${refused.blocks} blocks, ${refused.free} are to be had`;
  if (action === 'add') return `${request} comes: ${state.result} of ${texts[request]!.length} tokens are there`;
  if (action === 'fork') return `${request} comes, a second sample of the same prompt`;
  if (action === 'done') return `${request} ends`;
  if (action === 'preempt') return `${request} is sent away to make room`;
  const copied = events.some(({ type }) => type === 'copy');
  return `${request} writes "${texts[request]!.at(-1)}"${copied ? ' into a copy' : ''}`;
}

/** Prompt tokens so far: how many were looked for, and how many were found. */
export function tally(steps: readonly Served[]): { prompts: number; found: number; evicted: number; copies: number } {
  let [prompts, found, evicted, copies] = [0, 0, 0, 0];
  for (const { action, request, state, texts, events } of steps) {
    evicted += state.evicted.length;
    copies += events.filter(({ type }) => type === 'copy').length;
    const tokens = texts[request]?.length ?? 0;
    if (action === 'fork') [prompts, found] = [prompts + tokens, found + tokens];
    if (action === 'add' && state.result !== null) [prompts, found] = [prompts + tokens, found + state.result];
  }
  return { prompts, found, evicted, copies };
}

export const blockRows = (steps: readonly Served[]) =>
  steps.map(({ action, request, state }, i) => ({
    step: i + 1,
    action,
    request,
    result: state.result ?? '',
    held: Object.keys(state.ref).length,
    shared: Object.values(state.ref).filter((count) => count > 1).length,
    free: state.free_queue.length,
    known: Object.keys(state.cached).length,
    evicted: state.evicted.join(' '),
    free_queue: state.free_queue.join(' '),
  }));
