/** The worker of figures that show an experiment. */
import { expect, test } from 'vitest';
import { keysView, run as keysStudy } from '../../src/state/studies/keys.ts';
import { engineOf } from '../engine/harbour.ts';
import { idle, missing, replies, send, startWorker, wait } from './worker.ts';

startWorker(() => import('../../src/state/study.worker.ts'));

test('runs a study, and says when nothing fuller follows', async () => {
  send({ type: 'load', base: '/', model: 'harbour' });
  send({ type: 'study', id: 5, name: 'keys', view: keysView });
  await wait(3);
  const [result] = keysStudy(engineOf(), keysView);
  expect(replies.slice(1)).toEqual([
    { type: 'studied', id: 5, result, done: false },
    { type: 'studied', id: 5, result, done: true },
  ]);
});

test('begins only the newest of the studies that came while it was busy', async () => {
  send({ type: 'load', base: '/', model: 'harbour' });
  for (const id of [1, 2, 3]) send({ type: 'study', id, name: 'keys', view: { ...keysView, seed: id } });
  await wait(3);
  await idle();
  expect(replies.flatMap((reply) => (reply.type === 'studied' ? [reply.id] : []))).toEqual([3, 3]);
});

test('says that a model did not come, and that the study failed for it', async () => {
  missing.add('model.safetensors');
  send({ type: 'load', base: '/m/', model: 'harbour' });
  send({ type: 'study', id: 1, name: 'keys', view: keysView });
  await wait(2);
  const message = 'The model could not be loaded: /m/harbour/model.safetensors answered 404.';
  expect(replies).toEqual([
    { type: 'unloaded', message },
    { type: 'failed', id: 1, message },
  ]);
});
