/** The worker itself, with the page's side of it in the test's hands. */
import { describe, expect, test, vi } from 'vitest';
import { Comparer } from '../../src/state/compare.ts';
import { curve } from '../../src/state/curve.ts';
import type { Reply } from '../../src/state/protocol.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { anyBlock } from '../engine/facts.ts';
import { engineOf } from '../engine/harbour.ts';
import { fetched, idle, missing, replies, send, startWorker, types, wait } from './worker.ts';

const view: View = { ...defaultView, lanes: ['full', 'h2o'], length: 64, seed: 3 };
startWorker(() => import('../../src/state/engine.worker.ts'));

describe('the worker', () => {
  test('loads the model from where it is told, once', async () => {
    send({ type: 'load', base: '/models/', model: 'harbour' });
    send({ type: 'compare', id: 1, view });
    await wait(3);
    expect(replies[0]).toEqual({ type: 'ready', kernels: 'simd' });
    expect(fetched.sort()).toEqual(
      ['calibration.safetensors', 'config.json', 'model.safetensors', 'tokenizer.json'].map(
        (name) => `/models/harbour/${name}`,
      ),
    );
  });

  test('runs each view on the model that it names, and fetches each model once', async () => {
    send({ type: 'load', base: '/models/', model: 'harbour' });
    const shapes: number[] = [];
    for (const [i, model] of (['skiff', 'harbour', 'skiff'] as const).entries()) {
      send({ type: 'compare', id: i, view: { ...view, model } });
      await vi.waitFor(() => expect(replies.some((one) => one.type === 'compared' && one.id === i)).toBe(true), 5000);
      const reply = replies.find((one) => one.type === 'compared' && one.id === i) as Extract<
        Reply,
        { type: 'compared' }
      >;
      shapes.push(reply.shown.shape.kvHeads);
      expect(reply.shown.lanes[0]!.outcome!.right).toBe(true);
    }
    expect(shapes).toEqual([2, 4, 2]);
    expect(new Set(fetched).size).toBe(fetched.length);
    expect(fetched.filter((url) => url.includes('/skiff/'))).toHaveLength(4);
  });

  test('runs what it is asked: what is kept first, and then the whole', async () => {
    send({ type: 'load', base: '/', model: 'harbour' });
    send({ type: 'compare', id: 7, view });
    await wait(3);
    expect(types()).toEqual(['ready', 'kept', 'compared']);
    const [, kept, compared] = replies as [unknown, ...Extract<Reply, { type: 'kept' | 'compared' }>[]];
    expect([kept!.id, compared!.id]).toEqual([7, 7]);
    expect(kept!.shown.lanes.map(({ outcome }) => outcome)).toEqual([undefined, undefined]);
    const expected = new Comparer(engineOf()).compare(view);
    const anyBlocks = (lanes: typeof expected.lanes) =>
      lanes.map((lane) => ({ ...lane, events: lane.events.map(anyBlock) }));
    expect({ ...compared!.shown, prompt: kept!.shown.prompt, lanes: anyBlocks(compared!.shown.lanes) }).toEqual({
      ...expected,
      lanes: anyBlocks(expected.lanes),
    });
  });

  test('tells what is kept first every time, however quickly the lanes answered before', async () => {
    send({ type: 'load', base: '/', model: 'harbour' });
    for (const [id, keep] of [0.5, 0.4, 0.3].entries()) send({ type: 'compare', id, view: { ...view, keep } });
    await wait(7);
    expect(types().slice(1)).toEqual(['kept', 'compared', 'kept', 'compared', 'kept', 'compared']);
  });

  test('says what each answer is owed to when nothing was asked for a while, and says it once', async () => {
    send({ type: 'load', base: '/', model: 'harbour' });
    send({ type: 'compare', id: 7, view });
    await wait(3);
    expect(types()).toEqual(['ready', 'kept', 'compared']);
    await wait(5);
    const { lanes } = new Comparer(engineOf()).explain(view);
    expect(replies.slice(3)).toEqual(
      lanes.map(({ causes }, lane) => ({ type: 'causes', id: 7, lane, causes: causes ?? 'missing' })),
    );
    await idle();
    expect(replies.length).toBe(5);
  });

  test('lets a newer request overtake that: before it began, and in the middle', async () => {
    const many = { ...view, length: 512, lanes: ['h2o', 'full', 'kivi', 'quest', 'snapkv', 'random'] };
    const causes = () => replies.flatMap((reply) => (reply.type === 'causes' ? [reply.id] : []));
    send({ type: 'load', base: '/', model: 'harbour' });
    send({ type: 'compare', id: 1, view: many });
    await wait(3);
    send({ type: 'compare', id: 2, view: many });
    await vi.waitFor(() => expect(causes()).not.toEqual([]), 5000);
    const before = causes();
    expect(before).not.toContain(1);
    send({ type: 'compare', id: 3, view });
    await vi.waitFor(
      () => expect(replies.some((reply) => reply.type === 'compared' && reply.id === 3)).toBe(true),
      5000,
    );
    await vi.waitFor(() => expect(causes().filter((id) => id === 3).length).toBe(2), 5000);
    expect(before.length).toBeLessThan(6);
    expect(causes().filter((id) => id === 2)).toEqual(before);
  });

  test('sends a prompt once for as long as it stays the same', async () => {
    send({ type: 'load', base: '/', model: 'harbour' });
    const prompts: unknown[] = [];
    for (const [id, seed] of [3, 3, 4, 3].entries()) {
      send({ type: 'compare', id, view: { ...view, seed } });
      const own = () => replies.filter((reply) => reply.type === 'compared').length > id;
      await vi.waitFor(() => expect(own()).toBe(true), 5000);
      const carrying = replies.filter((reply) => 'shown' in reply && reply.id === id && reply.shown.prompt);
      prompts.push(carrying.length);
    }
    expect(prompts).toEqual([1, 0, 1, 1]);
  });

  test('fills in a curve text by text', async () => {
    send({ type: 'load', base: '/', model: 'harbour' });
    send({ type: 'curve', id: 5, view, seeds: 2 });
    await wait(3);
    const expected = [...curve(engineOf(), view, 2)];
    expect(replies.slice(1)).toEqual(
      expected.map((points, i) => ({ type: 'curve', id: 5, points, done: i + 1, of: 2 })),
    );
  });

  test('answers a comparison in the middle of a curve', async () => {
    send({ type: 'load', base: '/', model: 'harbour' });
    send({ type: 'curve', id: 5, view, seeds: 500 });
    await wait(2);
    send({ type: 'compare', id: 6, view });
    await vi.waitFor(() => expect(types()).toContain('compared'), 5000);
    send({ type: 'stop' });
    expect(types().filter((type) => type === 'curve').length).toBeLessThan(50);
  });

  test('ends a curve when it is told to, and when another begins', async () => {
    send({ type: 'load', base: '/', model: 'harbour' });
    send({ type: 'curve', id: 5, view, seeds: 500 });
    await wait(2);
    send({ type: 'curve', id: 6, view, seeds: 500 });
    await vi.waitFor(() => expect(replies.some((reply) => 'id' in reply && reply.id === 6)).toBe(true), 5000);
    const old = () => replies.filter((reply) => 'id' in reply && reply.id === 5).length;
    const before = old();
    await idle();
    expect(old()).toBe(before);
    send({ type: 'stop' });
    await idle();
    const stopped = replies.length;
    await idle();
    expect(replies.length).toBe(stopped);
  });

  test('never begins a curve that was stopped before the model came', async () => {
    send({ type: 'load', base: '/', model: 'harbour' });
    send({ type: 'curve', id: 5, view, seeds: 500 });
    send({ type: 'stop' });
    await wait(1);
    await idle();
    expect(types()).toEqual(['ready']);
  });

  test("refuses a curve over a text of one's own, in a sentence", async () => {
    send({ type: 'load', base: '/', model: 'harbour' });
    send({ type: 'curve', id: 5, view: { ...view, text: 'It rained.', ask: 'Where?' }, seeds: 2 });
    await wait(2);
    expect(replies.find(({ type }) => type === 'failed')).toEqual({
      type: 'failed',
      id: 5,
      message: expect.stringMatching(/^A curve asks many generated texts.*\.$/) as unknown,
    });
  });

  test('says that a model did not come, and tries again when it is asked again', async () => {
    missing.add('tokenizer.json');
    send({ type: 'load', base: '/m/', model: 'harbour' });
    send({ type: 'compare', id: 1, view });
    await wait(2);
    const message = 'The model could not be loaded: /m/harbour/tokenizer.json answered 404.';
    expect(replies).toEqual([
      { type: 'unloaded', message },
      { type: 'failed', id: 1, message },
    ]);
    missing.clear();
    send({ type: 'compare', id: 2, view });
    await wait(4);
    expect(types().slice(2)).toEqual(['kept', 'compared']);
  });
});
