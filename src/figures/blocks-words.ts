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

const verbs = { add: 'comes', fork: 'comes', append: 'writes', done: 'ends', preempt: 'is sent away' } as const;

/** Who does what in a step, for the row of the clock. */
export const actionWords = (step: Served | undefined): string =>
  step ? `${step.request} ${refusal(step.events) ? 'finds no room' : verbs[step.action]}` : 'nothing has come yet';

/** What a step did, as the rest of a sentence that begins with the request's name. */
export function stepWords(step: Served | undefined): string {
  if (!step) return 'No request has come yet.';
  const { action, request, events, state, texts } = step;
  const refused = refusal(events);
  if (refused)
    return `needs ${refused.blocks} more ${refused.blocks === 1 ? 'block' : 'blocks'}, and ${refused.free} ${refused.free === 1 ? 'is' : 'are'} to be had: nothing changes.`;
  if (action === 'add') return `comes, and ${state.result} of its ${texts[request]!.length} tokens are there already.`;
  if (action === 'fork') return 'comes, a second sample of the same prompt: it holds the same blocks.';
  if (action === 'done') return 'ends, and its last block is freed first.';
  if (action === 'preempt') return 'is sent away, as another request needs a block, and will be computed anew.';
  const copied = events.find((event) => event.type === 'copy');
  const word = `writes \u201c${texts[request]!.at(-1)}\u201d`;
  if (copied)
    return `${word}. Block ${copied.from} is not its own alone, so it writes into a copy, block ${copied.to}.`;
  return state.result ? `${word}, and takes a new block for it.` : `${word} into its last block.`;
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
