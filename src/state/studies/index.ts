import type { Experiment } from '../study.ts';

/** What the worker can be asked to run, by the figure's name. Each comes when it is first asked for. */
export const studies = {
  agents: () => import('./agents.ts'),
  branches: () => import('./branches.ts'),
  'cache-types': () => import('./cache-types.ts'),
  compaction: () => import('./compaction.ts'),
  compresskv: () => import('./compresskv.ts'),
  edit: () => import('./edit.ts'),
  frontier: () => import('./frontier.ts'),
  guess: () => import('./guess.ts'),
  'head-budgets': () => import('./head-budgets.ts'),
  intent: () => import('./intent.ts'),
  keys: () => import('./keys.ts'),
  passages: () => import('./passages.ts'),
  pays: () => import('./pays.ts'),
  polykv: () => import('./polykv.ts'),
  records: () => import('./records.ts'),
  reroute: () => import('./reroute.ts'),
  splice: () => import('./splice.ts'),
  triattention: () => import('./triattention.ts'),
  'upper-bounds': () => import('./upper-bounds.ts'),
  wall: () => import('./wall.ts'),
};

export type StudyName = keyof typeof studies;

/** A study as the worker sees it: of views and results that only its figure knows. */
export const experimentOf = async (name: StudyName): Promise<Experiment<object, unknown>> =>
  (await studies[name]()) as unknown as Experiment<object, unknown>;
