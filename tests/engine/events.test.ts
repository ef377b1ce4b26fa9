import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodePending } from '../../src/engine/cache/encode.ts';
import { KVCache } from '../../src/engine/cache/kv-cache.ts';
import { Store } from '../../src/engine/cache/store.ts';
import type { Prepared } from '../../src/engine/engine.ts';
import type { Event } from '../../src/engine/events.ts';
import { plain } from '../../src/engine/kernels/plain.ts';
import { printLane } from '../../src/engine/lane-spec.ts';
import type { Config } from '../../src/engine/model/config.ts';
import { Rope } from '../../src/engine/model/rope.ts';
import { makePlan } from '../../src/engine/plan.ts';
import { moments, readings, seededPrompt, type Prompt } from '../../src/engine/prompt.ts';
import { seeded, shuffle } from '../../src/engine/random.ts';
import { fullBytes } from '../../src/engine/room.ts';
import { frameBytes, Timeline } from '../../src/engine/timeline.ts';
import { anyBlock, liveAlone, range } from './facts.ts';
import { differences, momentOf, shapeOf, type Moment } from './films.ts';
import { config, engineOf, shortPrompt, specsOf, vocabulary } from './harbour.ts';
import { specs } from './specs.ts';

const engine = engineOf();

/** Every role, and mixes in which several act at once; small groups, so that codecs write while the lane answers. */
const lanes = [
  'full',
  'h2o',
  'adakv(h2o)',
  'pyramid(knorm,beta=4)',
  'snapkv+every(n=4)',
  'streaming-llm+between-turns',
  'tova+merge',
  'knorm+rerotate',
  'random+compact',
  'random+compact(order=false)',
  'kivi',
  'h2o+kivi(bits=4)',
  'per-layer(kivi(bits=4),kivi)',
  'quest(top=2)',
  'oracle+between-turns+compact(order=false)+quest',
  'random+every(n=2)+compact+per-layer(kivi(bits=8,group=16,residual=16),kivi,first=1)',
  'adakv(snapkv,safeguard=0.1)+every(n=3)+merge+rerotate+compact(order=false)+kivi(bits=4,group=8,residual=8)+quest(top=1,page=8,dense=1)',
];

/** Prepares a prompt, and notes what its cache held at each tick: each thing that it does while it is read ends with one. */
function watchReading(prompt: Prompt): { prepared: Prepared; reading: Moment[] } {
  const shape = shapeOf(prompt);
  const seen: { cache: KVCache; moment: Moment }[] = [];
  const spies = (['append', 'adopt', 'splice'] as const).map((name) => {
    const does = KVCache.prototype[name] as (...args: unknown[]) => void;
    return vi.spyOn(KVCache.prototype, name).mockImplementation(function (this: KVCache, ...args: unknown[]) {
      does.apply(this, args);
      seen.push({ cache: this, moment: momentOf(this, shape) });
    });
  });
  const prepared = engine.prepare(prompt);
  for (const spy of spies) spy.mockRestore();
  return {
    prepared,
    reading: seen.filter(({ cache }) => cache === prepared.prefix.cache).map(({ moment }) => moment),
  };
}

/** The film of a lane, and what its cache held at each of its ticks. */
function watch(prepared: Prepared, reading: readonly Moment[], lane: string, share: number) {
  const shape = shapeOf(prepared.prompt);
  const own: Moment[] = [];
  const { events } = liveAlone(engine, prepared, lane, share, ({ cache }) => own.push(momentOf(cache, shape)));
  return { timeline: new Timeline(events, shape, prepared.prefix.events), events, moments: [...reading, ...own] };
}

/** Compares each tick of a film with the cache itself, in the order of the text and then in any other. */
function expectTrue({ timeline, moments }: ReturnType<typeof watch>): void {
  const { shape } = timeline;
  expect(timeline.ticks).toBe(moments.length);
  const wrong = (tick: number) =>
    differences(timeline.seek(tick), moments[tick - 1]!, shape).map((what) => `tick ${tick}: ${what}`);
  const ticks = range(timeline.ticks + 1, 1);
  expect(ticks.flatMap(wrong)).toEqual([]);
  expect(shuffle(seeded(7), ticks).flatMap(wrong)).toEqual([]);
}

const prompts = moments.flatMap((when) =>
  [1, 3].flatMap((turns) => readings.map((reading) => ({ when, turns, reading }))),
);

describe.each(prompts)('question $when, $turns turns, read $reading', ({ when, turns, reading: way }) => {
  const { prepared, reading } = watchReading(shortPrompt(5, when, { turns, reading: way }));
  afterAll(() => engine.release(prepared));

  test.each(lanes)('a film shows at every tick what the cache held: %s', (lane) => {
    expectTrue(watch(prepared, reading, lane, 0.25));
  });
});

test('the film of a run is the film of the lane by hand', () => {
  const prepared = engine.prepare(shortPrompt(5, 'visible', { turns: 3, reading: 'warm' }));
  const runs = [lanes.slice(1, 9), lanes.slice(9)].flatMap((some) => engine.compare(prepared, specsOf(...some), 0.25));
  runs.forEach(({ lane, events }) => {
    expect(events.map(anyBlock)).toEqual(liveAlone(engine, prepared, lane, 0.25).events.map(anyBlock));
  });
  engine.release(prepared);
});

test('so it is for any lane at any budget', () => {
  const watched = [
    watchReading(shortPrompt(8, 'later', { length: 96, turns: 2 })),
    watchReading(shortPrompt(9, 'visible', { length: 96, turns: 2, reading: 'spliced' })),
  ];
  fc.assert(
    fc.property(
      specs,
      fc.constantFrom(...watched),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (spec, { prepared, reading }, share) => {
        expectTrue(watch(prepared, reading, printLane(spec), share));
      },
    ),
    { numRuns: 60 },
  );
  for (const { prepared } of watched) engine.release(prepared);
});

describe('bytes in the middle of a run', () => {
  const prompt = seededPrompt(vocabulary, 7, { length: 512 }, 0, 'later');
  const shape = shapeOf(prompt);
  let prepared: Prepared;
  beforeAll(() => {
    prepared = engine.prepare(prompt);
  });

  // Once, a film counted what was read at the bits that it would have after compression: 24 % here.
  test('while a text is read, all of it is there at 16 bits, whatever the lane will do with it', () => {
    const [run] = engine.compare(prepared, specsOf('kivi'), 0.25);
    const timeline = new Timeline(run!.events, shape, prepared.prefix.events);
    // 16 tokens a tick, each of 16 heads * 2 * 32 numbers * 2 bytes.
    for (const tick of range(33)) {
      const bytes = frameBytes(timeline.seek(tick), shape);
      expect(bytes).toEqual({
        keys: tick * 16 * 1024,
        values: tick * 16 * 1024,
        metadata: 0,
        live: tick * 16 * 2048,
        holes: 0,
        allocated: tick * 16 * 2048,
        host: 0,
      });
    }
    expect(frameBytes(timeline.seek(16), shape).live).toBe(fullBytes(config, 256));
    expect(timeline.phases[32]).toBe('compress');
  });

  // Keys: 512 * 32 numbers of 2 bits are 4,096 bytes a head. Values: 480 tokens at 2 bits, 32 at 16: 3,840 + 2,048. Scales and zeros at 4 bytes: 512 of
  // keys and 480 of values: 3,968. 13,952 in all, where 16 bits take 65,536.
  test('then it shrinks layer by layer', () => {
    const [run] = engine.compare(prepared, specsOf('kivi'), 0.25);
    const timeline = new Timeline(run!.events, shape, prepared.prefix.events);
    const live = range(37, 32).map((tick) => frameBytes(timeline.seek(tick), shape).live);
    expect(live).toEqual(range(5).map((layers) => 4 * (layers * 13952 + (4 - layers) * 65536)));
    expect(live[4]).toBe(run!.bytes.live);
  });

  test('and a lane that drops gives its bytes back layer by layer, its blocks only with the last one', () => {
    const [run] = engine.compare(prepared, specsOf('streaming-llm'), 0.25);
    const timeline = new Timeline(run!.events, shape, prepared.prefix.events);
    const at = range(37, 32).map((tick) => frameBytes(timeline.seek(tick), shape));
    expect(at.map(({ live }) => live)).toEqual(range(5).map((layers) => 4 * 128 * (layers * 128 + (4 - layers) * 512)));
    // The four sinks lie in the first of 32 blocks, the other 124 tokens in the last eight.
    expect(at.map(({ allocated }) => allocated)).toEqual([32, 32, 32, 32, 9].map((blocks) => blocks * 16 * 2048));
  });

  // 128 tokens fill eight blocks when they lie together, and the question begins the ninth.
  test.each(['compact', 'compact(order=false)'])('a lane that closes its holes has one block less: %s', (fate) => {
    const [run] = engine.compare(prepared, specsOf(`streaming-llm+${fate}`), 0.25);
    const timeline = new Timeline(run!.events, shape, prepared.prefix.events);
    const asked = prompt.turns[0]!.tokens.length;
    const blocks = [36, 37, 36 + asked].map((tick) =>
      [...timeline.seek(tick).blocks].flatMap((some, i) => (some ? i : [])),
    );
    expect(blocks).toEqual([range(8), range(9), range(8 + Math.ceil(asked / 16))]);
    const { slot } = timeline.seek(36 + asked);
    expect(range(16).map((head) => slot[head * shape.tokens + 512])).toEqual(range(16).map(() => 128));
  });
});

/** A small cache, and everything that can be done to it. */
describe('whatever is done to a cache', () => {
  const tiny: Config = {
    id: 'tiny',
    hidden: 8,
    layers: 2,
    heads: 2,
    kvHeads: 2,
    headDim: 4,
    inner: 8,
    vocabulary: 8,
    ropeTheta: 100,
    eps: 1e-5,
    bos: 0,
    stop: 1,
  };
  const shape = { layers: 2, kvHeads: 2, headDim: 4, tokens: 400 };
  const codec = makePlan(specsOf('kivi(bits=4,group=4,residual=8)')[0]!).codec!;
  const fate = (spec: string) => makePlan(specsOf(`h2o+${spec}`)[0]!).fates[0]!;
  const compact = [fate('compact'), fate('compact(order=false)')];

  const operations = ['append', 'retain', 'compact', 'holes', 'encode', 'index', 'truncate', 'splice', 'fork'] as const;
  const steps = fc.array(
    fc.record({ does: fc.constantFrom(...operations), x: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
    {
      minLength: 1,
      maxLength: 25,
    },
  );

  test('its events say so', () => {
    const done = new Set<string>();
    fc.assert(
      fc.property(steps, fc.nat(), (all, seed) => {
        const random = seeded(seed);
        const store = new Store(tiny, plain().heap, new Rope(4, 100));
        const events: Event[] = [];
        const cache = new KVCache(store, (event) => events.push(event));
        const forks: KVCache[] = [];
        const seen: Moment[] = [];
        const eachLayer = (act: (layer: number) => void) => range(2).forEach(act);
        for (const { does, x } of [{ does: 'append', x: 0.9 } as const, ...all]) {
          switch (does) {
            case 'append':
              cache.append(1 + Math.floor(x * 20));
              break;
            case 'retain':
              eachLayer((layer) =>
                cache.retain(
                  layer,
                  range(2).map((kvHead) =>
                    Int32Array.from(range(cache.count(layer * 2 + kvHead)).filter(() => random() > x)),
                  ),
                ),
              );
              cache.reclaim();
              break;
            case 'compact':
            case 'holes':
              eachLayer((layer) => compact[Number(does === 'holes')]!.after!(cache, layer));
              cache.reclaim();
              break;
            case 'encode':
              eachLayer((layer) => encodePending(cache, codec, layer));
              break;
            case 'index':
              eachLayer((layer) => cache.index(layer, [Math.floor(x * 9), Math.floor(random() * 9)]));
              break;
            case 'truncate':
              cache.truncate(Math.floor(cache.length * (1 - x / 3)));
              break;
            case 'splice': {
              const other = new KVCache(store);
              other.append(9);
              cache.splice(other, 1, 2 + Math.floor(x * 8));
              other.release();
              break;
            }
            case 'fork': {
              // Whoever shares blocks makes the cache take copies before it writes.
              const fork = new KVCache(store);
              fork.fork(cache);
              forks.push(fork);
            }
          }
          if (cache.length > shape.tokens) break;
          events.push({ type: 'tick', phase: 'read' });
          seen.push(momentOf(cache, shape));
          done.add(does);
        }
        const timeline = new Timeline(events, shape);
        seen.forEach((moment, i) => expect(differences(timeline.seek(i + 1), moment, shape)).toEqual([]));
        for (const each of [cache, ...forks]) each.release();
        expect(store.pool.free).toBe(store.pool.size);
      }),
      { numRuns: 150 },
    );
    expect([...done].sort()).toEqual([...operations].sort());
  });

  test('and so they do of what it takes over from another', () => {
    const store = new Store(tiny, plain().heap, new Rope(4, 100));
    const other = new KVCache(store);
    other.append(40);
    for (const tokens of [16, 32]) {
      const events: Event[] = [];
      const cache = new KVCache(store, (event) => events.push(event));
      cache.adopt(other, tokens);
      events.push({ type: 'tick', phase: 'read' });
      const frame = new Timeline(events, shape).seek(1);
      expect(differences(frame, momentOf(cache, shape), shape)).toEqual([]);
      expect([frame.read, cache.blocks, store.pool.references(0)]).toEqual([tokens, range(tokens / 16), 2]);
      expect(events[0]!.type).toBe('adopt');
      cache.release();
    }
  });
});
