import { breathe, Engines } from './fetched.ts';
import { modelId } from './models.ts';
import type { Request } from './protocol.ts';
import { reply, serveRequests } from './serve-requests.ts';
import { experimentOf } from './studies/index.ts';

/** The worker of figures that show an experiment: it is another than that of lanes, so that neither has to bring the other's code. */
const engines = new Engines();
let studyRun = 0;

/** Results come one behind the other, each fuller; of studies that were asked for in between only the newest is begun. */
async function study({ id, name, view }: Extract<Request, { type: 'study' }>): Promise<void> {
  const run = ++studyRun;
  const [experiment, engine] = await Promise.all([experimentOf(name), engines.get(modelId)]);
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

serveRequests(async (request) => {
  if (request.type === 'load') {
    engines.base = request.base;
    reply({ type: 'ready', kernels: (await engines.get(request.model)).model.kernels.name });
  } else if (request.type === 'study') {
    await study(request);
  }
});
