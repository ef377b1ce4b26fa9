import { describe, expect, test } from 'vitest';
import type { Shown } from '../../src/state/compare.ts';
import { EngineClient, type CurveProgress } from '../../src/state/engine-client.ts';
import type { Sent } from '../../src/state/protocol.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { Ports } from './ports.ts';

const viewAt = (keep: number): View => ({ ...defaultView, keep });
const [a, b, c] = [viewAt(0.1), viewAt(0.2), viewAt(0.3)];
const prompt = { words: ['<bos>'] } as unknown as Shown['prompt'];

/** What the client passes on is not its business, so a run here is its view alone. */
const runOf = (view: View): Sent => ({ view, prompt, lanes: [] }) as unknown as Sent;

/** A client whose listener writes down what it is told, in one list with what the worker is asked. */
function begin() {
  const ports = new Ports();
  const told: unknown[] = [];
  const client = new EngineClient(
    '/models/',
    'harbour',
    {
      onShown: (shown) => told.push(['shown', shown.view.keep, ports.newest.asked('compare').length]),
      onFailed: (message, view) => told.push(['failed', message, view?.keep]),
    },
    ports.open,
  );
  const curve = {
    told: [] as unknown[],
    listener: {
      onProgress: ({ done, of }: CurveProgress) => curve.told.push([done, of]),
      onFailed: (message: string) => curve.told.push(message),
    },
  };
  return { ports, port: ports.newest, client, told, curve };
}

/** The ids of comparisons are given by the client; a test takes them from what it sent. */
const asked = ({ port }: Pick<ReturnType<typeof begin>, 'port'>) =>
  port.asked('compare').map(({ id, view }) => ({ id, keep: view.keep }));

describe('a prompt', () => {
  const other = { words: ['<bos>', 'the'] } as unknown as Shown['prompt'];
  const shownFor = (...sent: (Shown['prompt'] | undefined)[]) => {
    const ports = new Ports();
    const shown: Shown['prompt'][] = [];
    const listener = { onShown: (one: Shown) => shown.push(one.prompt), onFailed: () => {} };
    const client = new EngineClient('/models/', 'harbour', listener, ports.open, prompt);
    for (const one of sent) {
      client.show(a);
      const { id } = ports.newest.last('compare');
      ports.newest.reply({ type: 'compared', id, shown: { ...runOf(a), prompt: one } });
    }
    return shown;
  };

  test('that says the same as the one that is drawn is that one', () => {
    const [same, still] = shownFor({ ...prompt }, undefined);
    expect([same === prompt, still === prompt]).toEqual([true, true]);
  });

  test('that is another takes its place', () => {
    expect(shownFor(other, undefined, { ...prompt })).toEqual([other, other, prompt]);
  });
});

describe('runs', () => {
  test('begin with the model, and each has a number of its own', () => {
    const { port, client } = begin();
    expect(port.sent).toEqual([{ type: 'load', base: '/models/', model: 'harbour' }]);
    client.show(a);
    const { id } = port.last('compare');
    expect(port.last('compare').view).toEqual(a);
    port.reply({ type: 'compared', id, shown: runOf(a) });
    client.show(b);
    expect(port.last('compare').id).not.toBe(id);
  });

  test('are told twice: what is kept, then what is answered', () => {
    const { port, client, told } = begin();
    client.show(a);
    const { id } = port.last('compare');
    port.reply({ type: 'ready', kernels: 'simd' });
    expect(told).toEqual([]);
    port.reply({ type: 'kept', id, shown: runOf(a) });
    expect(told).toEqual([['shown', 0.1, 1]]);
    port.reply({ type: 'compared', id, shown: runOf(a) });
    expect(told).toEqual([
      ['shown', 0.1, 1],
      ['shown', 0.1, 1],
    ]);
  });

  test('do not queue up: while one runs, only the newest view waits', () => {
    const { port, client, told } = begin();
    client.show(a);
    for (const view of [b, c, b, c]) client.show(view);
    expect(asked({ port }).map(({ keep }) => keep)).toEqual([0.1]);
    port.reply({ type: 'kept', id: port.last('compare').id, shown: runOf(a) });
    expect(asked({ port }).map(({ keep }) => keep)).toEqual([0.1]);
    port.reply({ type: 'compared', id: port.last('compare').id, shown: runOf(a) });
    expect(asked({ port }).map(({ keep }) => keep)).toEqual([0.1, 0.3]);
    // The third number says how many had been asked when it was told: the worker is busy again while the page draws.
    expect(told).toEqual([
      ['shown', 0.1, 1],
      ['shown', 0.1, 2],
    ]);
    port.reply({ type: 'compared', id: port.last('compare').id, shown: runOf(c) });
    expect(asked({ port }).map(({ keep }) => keep)).toEqual([0.1, 0.3]);
  });

  test('that are over, or that nobody asked for, are not told again', () => {
    const { port, client, told } = begin();
    client.show(a);
    const { id } = port.last('compare');
    port.reply({ type: 'compared', id, shown: runOf(a) });
    client.show(b);
    told.length = 0;
    port.reply({ type: 'kept', id, shown: runOf(a) });
    port.reply({ type: 'compared', id, shown: runOf(a) });
    port.reply({ type: 'failed', id, message: 'late' });
    port.reply({ type: 'compared', id: 999, shown: runOf(c) });
    expect(told).toEqual([]);
    port.reply({ type: 'compared', id: port.last('compare').id, shown: runOf(b) });
    expect(told).toEqual([['shown', 0.2, 2]]);
  });

  test('are told once more for each lane of which it is known what its answer is owed to, while they are the ones that are drawn', () => {
    const ports = new Ports();
    const told: unknown[] = [];
    const client = new EngineClient(
      '/',
      'harbour',
      {
        onShown: ({ view, lanes, prompt: own }) =>
          told.push([view.keep, own.words.length, lanes.map(({ lane, causes }) => [lane, causes?.length])]),
        onFailed: () => {},
      },
      ports.open,
    );
    const port = ports.newest;
    const two = (view: View) => ({ ...runOf(view), lanes: [{ lane: 'full' }, { lane: 'h2o' }] }) as unknown as Sent;
    const causes = [{ position: 4, loss: 2 }];
    client.show(a);
    const { id } = port.last('compare');
    port.reply({ type: 'kept', id, shown: two(a) });
    // A worker tells it of whole runs only.
    port.reply({ type: 'causes', id, lane: 0, causes });
    expect(told.length).toBe(1);
    port.reply({ type: 'compared', id, shown: { ...two(a), prompt: undefined } });
    told.length = 0;
    port.reply({ type: 'causes', id, lane: 1, causes });
    port.reply({ type: 'causes', id, lane: 0, causes: [] });
    expect(told).toEqual([
      [
        0.1,
        1,
        [
          ['full', undefined],
          ['h2o', 1],
        ],
      ],
      [
        0.1,
        1,
        [
          ['full', 0],
          ['h2o', 1],
        ],
      ],
    ]);
    // It still holds while the next run is on its way, and no longer when that one is drawn.
    client.show(b);
    told.length = 0;
    port.reply({ type: 'causes', id, lane: 0, causes });
    expect(told.length).toBe(1);
    const next = port.last('compare').id;
    port.reply({ type: 'kept', id: next, shown: two(b) });
    port.reply({ type: 'causes', id, lane: 0, causes });
    port.reply({ type: 'compared', id: next, shown: two(b) });
    port.reply({ type: 'causes', id, lane: 0, causes });
    expect(told.slice(1)).toEqual([
      [
        0.2,
        1,
        [
          ['full', undefined],
          ['h2o', undefined],
        ],
      ],
      [
        0.2,
        1,
        [
          ['full', undefined],
          ['h2o', undefined],
        ],
      ],
    ]);
  });

  test('that fail are told with their view, and the one that waits begins', () => {
    const { port, client, told } = begin();
    client.show(a);
    client.show(b);
    port.reply({ type: 'failed', id: port.last('compare').id, message: 'no' });
    expect(told).toEqual([['failed', 'no', 0.1]]);
    port.reply({ type: 'compared', id: port.last('compare').id, shown: runOf(b) });
    expect(told.at(-1)).toEqual(['shown', 0.2, 2]);
    client.show(c);
    expect(asked({ port }).map(({ keep }) => keep)).toEqual([0.1, 0.2, 0.3]);
  });

  test('share the prompt that was sent once, for as long as no other is sent', () => {
    const ports = new Ports();
    const prompts: Shown['prompt'][] = [];
    const client = new EngineClient(
      '/',
      'harbour',
      { onShown: (shown) => prompts.push(shown.prompt), onFailed: () => {} },
      ports.open,
    );
    const answer = (text: Shown['prompt'] | undefined) => {
      client.show(a);
      ports.newest.reply({
        type: 'compared',
        id: ports.newest.last('compare').id,
        shown: { ...runOf(a), prompt: text },
      });
      return prompts.at(-1)!;
    };
    const first = answer(prompt);
    expect(first).toEqual(prompt);
    expect(answer(undefined)).toBe(first);
    const other = answer({ ...prompt, words: ['<bos>', 'rain'] });
    expect(other.words).toEqual(['<bos>', 'rain']);
    expect(answer(undefined)).toBe(other);
  });
});

describe('a curve', () => {
  const points = (id: number, done: number) => ({ type: 'curve', id, points: [], done, of: 3 }) as const;

  test('is told text by text, under a number of its own', () => {
    const { port, client, curve, told } = begin();
    client.show(a);
    client.startCurve(b, 3, curve.listener);
    const { id, view, seeds } = port.last('curve');
    expect([view, seeds]).toEqual([b, 3]);
    expect(id).not.toBe(port.last('compare').id);
    port.reply(points(id, 1));
    port.reply(points(id, 2));
    expect([curve.told, told]).toEqual([
      [
        [1, 3],
        [2, 3],
      ],
      [],
    ]);
  });

  test('that was stopped, or that another one followed, is not told again', () => {
    const { port, client, curve } = begin();
    client.startCurve(a, 3, curve.listener);
    const first = port.last('curve').id;
    client.startCurve(b, 3, curve.listener);
    port.reply(points(first, 1));
    port.reply({ type: 'failed', id: first, message: 'late' });
    expect(curve.told).toEqual([]);
    client.stopCurve();
    expect(port.sent.at(-1)).toEqual({ type: 'stop' });
    port.reply(points(port.last('curve').id, 1));
    expect(curve.told).toEqual([]);
  });

  test('that fails says so to its own listener, and the comparison goes on', () => {
    const { port, client, curve, told } = begin();
    client.show(a);
    client.show(b);
    client.startCurve(a, 3, curve.listener);
    const [{ id: run }, { id }] = [port.last('compare'), port.last('curve')];
    port.reply({ type: 'failed', id, message: 'no curve' });
    expect([curve.told, told, asked({ port }).length]).toEqual([['no curve'], [], 1]);
    port.reply({ type: 'kept', id: run, shown: runOf(a) });
    port.reply({ type: 'compared', id: run, shown: runOf(a) });
    expect(told.map((line) => (line as unknown[])[1])).toEqual([0.1, 0.1]);
    expect(asked({ port }).map(({ keep }) => keep)).toEqual([0.1, 0.2]);
    port.reply(points(id, 2));
    expect(curve.told).toEqual(['no curve']);
  });

  test('goes on when a comparison fails', () => {
    const { port, client, curve, told } = begin();
    client.show(a);
    client.startCurve(a, 3, curve.listener);
    port.reply({ type: 'failed', id: port.last('compare').id, message: 'no run' });
    port.reply(points(port.last('curve').id, 1));
    expect([told, curve.told]).toEqual([[['failed', 'no run', 0.1]], [[1, 3]]]);
  });
});

describe('a worker that stops', () => {
  test('tells everyone who waits, with the newest view', () => {
    const { port, client, curve, told } = begin();
    client.show(a);
    client.show(b);
    client.startCurve(a, 3, curve.listener);
    port.stop();
    expect([told, curve.told]).toEqual([[['failed', 'The engine stopped.', 0.2]], ['The engine stopped.']]);
  });

  test('before it was asked anything is told too', () => {
    const { port, told } = begin();
    port.stop();
    expect(told).toEqual([['failed', 'The engine stopped.', undefined]]);
  });

  test('says nothing more, even if something of it still runs', () => {
    const { port, client, curve, told } = begin();
    client.show(a);
    client.startCurve(a, 3, curve.listener);
    port.stop();
    told.length = curve.told.length = 0;
    port.reply({ type: 'compared', id: port.last('compare').id, shown: runOf(a) });
    port.reply({ type: 'curve', id: port.last('curve').id, points: [], done: 1, of: 3 });
    expect([told, curve.told, port.open]).toEqual([[], [], false]);
  });

  test('is replaced when it is tried again, and the view is shown', () => {
    const { port, ports, client, told } = begin();
    client.show(a);
    port.stop();
    told.length = 0;
    client.retry(c);
    expect(port.open).toBe(false);
    expect(ports.opened.length).toBe(2);
    expect(ports.newest.sent.map(({ type }) => type)).toEqual(['load', 'compare']);
    expect(ports.newest.last('compare').view).toEqual(c);
    ports.newest.reply({ type: 'compared', id: ports.newest.last('compare').id, shown: runOf(c) });
    expect(told).toEqual([['shown', 0.3, 1]]);
  });

  test('is not heard any more once another has taken its place', () => {
    const { port, ports, client, told } = begin();
    client.show(a);
    client.retry(b);
    // Numbers go on, but even under the number of the new run the old worker has no say.
    const { id } = ports.newest.last('compare');
    port.reply({ type: 'compared', id, shown: runOf(a) });
    port.stop();
    expect(told).toEqual([]);
    client.show(c);
    expect(ports.newest.asked('compare').length).toBe(1);
  });

  test('takes a curve with it when it is replaced, and the curve is told', () => {
    const { client, curve } = begin();
    client.startCurve(a, 3, curve.listener);
    client.retry(a);
    expect(curve.told).toEqual(['The engine was started again.']);
  });
});

describe('a model that does not come', () => {
  const message = 'The model could not be loaded.';

  test('is told once, by the run that waits for it', () => {
    const { port, client, told } = begin();
    client.show(a);
    port.reply({ type: 'unloaded', message });
    expect(told).toEqual([]);
    port.reply({ type: 'failed', id: port.last('compare').id, message });
    expect(told).toEqual([['failed', message, 0.1]]);
  });

  test('is told at once where nothing waits', () => {
    const { port, told } = begin();
    port.reply({ type: 'unloaded', message });
    expect(told).toEqual([['failed', message, undefined]]);
  });

  test('is asked for again', () => {
    const { port, ports, client, told } = begin();
    client.show(a);
    port.reply({ type: 'unloaded', message });
    port.reply({ type: 'failed', id: port.last('compare').id, message });
    client.retry(a);
    expect(ports.newest.sent[0]).toEqual({ type: 'load', base: '/models/', model: 'harbour' });
    ports.newest.reply({ type: 'compared', id: ports.newest.last('compare').id, shown: runOf(a) });
    expect(told.at(-1)).toEqual(['shown', 0.1, 1]);
  });
});

test('closing ends the worker', () => {
  const { port, client } = begin();
  client.close();
  expect(port.open).toBe(false);
});
