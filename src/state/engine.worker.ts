import { Engine } from '../engine/engine.ts';
import { Comparer } from './compare.ts';
import { curve } from './curve.ts';
import { modelId } from './model-id.ts';
import type { Reply, Request } from './protocol.ts';

/** The engine's thin shell: it fetches the model, runs what is asked, and lets a newer request overtake a curve that is filling in. */
let ready: Promise<{ engine: Engine; comparer: Comparer }> | undefined;
let curveRun = 0;

const reply = (message: Reply) => {
  postMessage(message);
};

async function fetchFile(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The model could not be loaded: ${url} answered ${response.status}.`);
  return response;
}

async function load(base: string): Promise<{ engine: Engine; comparer: Comparer }> {
  const [config, weights] = await Promise.all([fetchFile(`${base}config.json`), fetchFile(`${base}model.safetensors`)]);
  const engine = new Engine(
    modelId,
    (await config.json()) as Record<string, unknown>,
    new Uint8Array(await weights.arrayBuffer()),
  );
  return { engine, comparer: new Comparer(engine) };
}

/** Other messages are handled between two texts. */
const breathe = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 0);
  });

async function handle(request: Request): Promise<void> {
  if (request.type === 'load') {
    ready ??= load(request.base);
    reply({ type: 'ready', kernels: (await ready).engine.model.kernels.name });
  } else if (request.type === 'stop') {
    curveRun++;
  } else if (request.type === 'compare') {
    const { comparer } = await ready!;
    reply({ type: 'compared', id: request.id, shown: comparer.compare(request.view) });
  } else {
    const { engine } = await ready!;
    const run = ++curveRun;
    let done = 0;
    for (const points of curve(engine, request.view, request.seeds)) {
      reply({ type: 'curve', id: request.id, points, done: ++done, of: request.seeds });
      await breathe();
      if (run !== curveRun) return;
    }
  }
}

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  handle(data).catch((error: unknown) => {
    reply({
      type: 'failed',
      id: 'id' in data ? data.id : 0,
      message: error instanceof Error ? error.message : String(error),
    });
  });
});
