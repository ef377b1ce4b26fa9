import { Engine } from '../engine/engine.ts';
import type { ModelFile } from '../engine/model/model.ts';
import { Comparer, type Shown, type ShownPrompt, type Underway } from './compare.ts';
import { curve, noCurve } from './curve.ts';
import type { Reply, Request, Sent } from './protocol.ts';
import { modelId } from './models.ts';
import { experimentOf } from './studies/index.ts';
import type { View } from './view.ts';

/** The engine's thin shell: it fetches the model, runs what is asked, and lets a newer request overtake what is filling in: a curve, or what answers are owed to. */
interface Loaded {
  readonly engine: Engine;
  readonly comparer: Comparer;
}

/** By the model's name: each comes when it is first asked for, and stays. */
const models = new Map<View['model'], Promise<Loaded>>();
let base = '';
let curveRun = 0;
let compareRun = 0;
let studyRun = 0;
/** The slider rests when nothing was asked for so long, in milliseconds. */
const rest = 250;

const reply = (message: Reply) => {
  postMessage(message);
};

async function fetchFile(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The model could not be loaded: ${url} answered ${response.status}.`);
  return response;
}

async function load(id: View['model']): Promise<Loaded> {
  const [config, tokenizer, weights, calibration] = await Promise.all(
    ['config.json', 'tokenizer.json', 'model.safetensors', 'calibration.safetensors'].map((name) =>
      fetchFile(`${base}${id}/${name}`),
    ),
  );
  const file: ModelFile = {
    id,
    config: (await config!.json()) as ModelFile['config'],
    tokenizer: await tokenizer!.json(),
    weights: new Uint8Array(await weights!.arrayBuffer()),
    calibration: new Uint8Array(await calibration!.arrayBuffer()),
  };
  const engine = new Engine(file);
  return { engine, comparer: new Comparer(engine) };
}

/** A load that failed is forgotten, so that the next request tries again. */
function loaded(id: View['model']): Promise<Loaded> {
  const known = models.get(id);
  if (known) return known;
  const loading = load(id).catch((error: unknown) => {
    models.delete(id);
    throw error;
  });
  models.set(id, loading);
  return loading;
}

/** Other messages are handled in between. */
const breathe = (milliseconds = 0) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

async function runCurve({ id, view, seeds }: Extract<Request, { type: 'curve' }>): Promise<void> {
  const impossible = noCurve(view);
  if (impossible) throw new Error(impossible);
  // Counted before the model is awaited, so that a stop in between is not lost.
  const run = ++curveRun;
  const { engine } = await loaded(view.model);
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
  const underway = (await loaded(view.model)).comparer.start(view);
  // What the lanes hold is drawn by the page while they answer here.
  reply({ type: 'kept', id, shown: light(underway.shown) });
  reply({ type: 'compared', id, shown: light(underway.finish()) });
  await explain(id, underway, () => run !== compareRun);
}

/** Results come one behind the other, each fuller; of studies that were asked for in between only the newest is begun. */
async function study({ id, name, view }: Extract<Request, { type: 'study' }>): Promise<void> {
  const run = ++studyRun;
  const [experiment, { engine }] = await Promise.all([experimentOf(name), loaded(modelId)]);
  await breathe();
  if (run !== studyRun) return;
  let result: unknown;
  for (result of experiment.run(engine, view)) {
    reply({ type: 'studied', id, result, done: false });
    await breathe();
    if (run !== studyRun) return;
  }
  reply({ type: 'studied', id, result, done: true });
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
    base = request.base;
    reply({ type: 'ready', kernels: (await loaded(request.model)).engine.model.kernels.name });
  } else if (request.type === 'stop') {
    curveRun++;
  } else if (request.type === 'compare') {
    await compare(request);
  } else if (request.type === 'study') {
    await study(request);
  } else {
    await runCurve(request);
  }
}

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  handle(data).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    reply(
      data.type === 'load'
        ? { type: 'unloaded', message }
        : { type: 'failed', id: 'id' in data ? data.id : 0, message },
    );
  });
});
