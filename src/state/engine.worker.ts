import type { Engine } from '../engine/engine.ts';
import { Comparer, type Shown, type ShownPrompt, type Underway } from './compare.ts';
import { curve, noCurve } from './curve.ts';
import { breathe, Engines } from './fetched.ts';
import type { Request, Sent } from './protocol.ts';
import { reply, serveRequests } from './serve-requests.ts';

/** The engine's thin shell: it runs what is asked, and lets a newer request overtake what is filling in: a curve, or what answers are owed to. */
const engines = new Engines();
const comparers = new WeakMap<Engine, Comparer>();
let curveRun = 0;
let compareRun = 0;
/** The slider rests when nothing was asked for so long, in milliseconds. */
const rest = 250;

/** One for each engine, as it remembers what it has read. */
function comparerOf(engine: Engine): Comparer {
  const comparer = comparers.get(engine) ?? new Comparer(engine);
  comparers.set(engine, comparer);
  return comparer;
}

async function runCurve({ id, view, seeds }: Extract<Request, { type: 'curve' }>): Promise<void> {
  const impossible = noCurve(view);
  if (impossible) throw new Error(impossible);
  // Counted before the model is awaited, so that a stop in between is not lost.
  const run = ++curveRun;
  const engine = await engines.get(view.model);
  if (run !== curveRun) return;
  let done = 0;
  for (const points of curve(engine, view, seeds)) {
    reply({ type: 'curve', id, points, done: ++done, of: seeds });
    await breathe();
    if (run !== curveRun) return;
  }
}

async function compare({ id, view }: Extract<Request, { type: 'compare' }>): Promise<void> {
  const run = ++compareRun;
  const underway = comparerOf(await engines.get(view.model)).start(view);
  // What the lanes hold is drawn by the page while they answer here.
  reply({ type: 'kept', id, shown: light(underway.shown) });
  reply({ type: 'compared', id, shown: light(underway.finish()) });
  await explain(id, underway, () => run !== compareRun);
}

/** Leaves as soon as something newer was asked for; leaving the loop gives back the memory. */
async function explain(id: number, underway: Underway, overtaken: () => boolean): Promise<void> {
  await breathe(rest);
  if (overtaken()) return;
  for (const found of underway.causes()) {
    if (found) reply({ type: 'causes', id, ...found });
    await breathe();
    if (overtaken()) return;
  }
}

/** A prompt is sent once: the page keeps it, and need not draw the same text anew. */
let sent: ShownPrompt | undefined;
function light(shown: Shown): Sent {
  const known = shown.prompt === sent;
  sent = shown.prompt;
  return { ...shown, prompt: known ? undefined : shown.prompt };
}

async function handle(request: Request): Promise<void> {
  if (request.type === 'load') {
    engines.base = request.base;
    reply({ type: 'ready', kernels: (await engines.get(request.model)).model.kernels.name });
  } else if (request.type === 'stop') {
    curveRun++;
  } else if (request.type === 'compare') {
    await compare(request);
  } else if (request.type === 'curve') {
    await runCurve(request);
  }
}

serveRequests(handle);
