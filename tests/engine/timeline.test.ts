import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitmask, isSet, type Event } from '../../src/engine/events.ts';
import { termsOf } from '../../src/engine/lane-spec.ts';
import { frameBytes, heldTokens, strongest, Timeline, type Frame, type Shape } from '../../src/engine/timeline.ts';
import { every, range } from './facts.ts';
import { shapeOf } from './films.ts';
import { compare, config, engineOf, shortPrompt } from './harbour.ts';

const heads = config.layers * config.kvHeads;
const lanes = ['full', 'snapkv', 'streaming-llm', 'random', 'kivi', 'h2o+kivi(bits=4)', 'inverted(tova)', 'oracle'];
const others = ['adakv(h2o)', 'tova+merge+compact', 'knorm+rerotate', 'quest(top=2)', 'pyramid(knorm,beta=4)'];

const runs = (['later', 'visible'] as const).flatMap((when) => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(5, when));
  return [lanes, others].flatMap((some) =>
    compare(engine, prepared, some, 0.25).map((run) => ({
      when,
      run,
      prompt: prepared.prompt,
      opening: prepared.prefix.events,
      shape: shapeOf(prepared.prompt),
      name: `${run.lane}, ${when}`,
    })),
  );
});

const timelineOf = ({ run, opening, shape }: (typeof runs)[number]) => new Timeline(run.events, shape, opening);
const last = (phases: readonly string[], phase: string) => phases.lastIndexOf(phase) + 1;
const countOf = (frame: Frame, shape: Shape, head: number) => heldTokens(frame, shape.tokens, head).length;

describe.each(runs)('$name', (one) => {
  const { run, prompt, shape, opening } = one;
  const timeline = timelineOf(one);
  const compressed = timeline.seek(last(timeline.phases, 'compress'));
  const end = timeline.seek(timeline.ticks);

  test('ticks through reading, compressing, asking and answering, in that order', () => {
    expect(timeline.phases).toEqual([
      ...Array<string>(Math.ceil(prompt.compressedAt / 16)).fill('read'),
      ...Array<string>(config.layers).fill('compress'),
      ...Array<string>(prompt.tokens.length - prompt.compressedAt).fill('ask'),
      ...Array<string>(run.steps.length).fill('answer'),
    ]);
  });

  test('any tick shows the same frame, whatever was looked at before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: timeline.ticks + 5 }), { minLength: 1, maxLength: 8 }),
        (path) => {
          const wandered = timelineOf(one);
          for (const tick of path) wandered.seek(tick);
          // In one piece, nothing is shared with other lanes, and nothing is remembered.
          const fresh = new Timeline([...opening, ...run.events], shape);
          expect(wandered.seek(path[0]!)).toEqual(fresh.seek(path[0]!));
        },
      ),
      { numRuns: 15 },
    );
  });

  test('a frame stays as it is, whatever is looked at afterwards', () => {
    const ticks = [5, 8, timeline.ticks - 1, timeline.ticks];
    const frames = ticks.map((tick) => timeline.seek(tick));
    const before = structuredClone(frames);
    for (let tick = timeline.ticks; tick >= 0; tick--) timeline.seek(tick);
    timelineOf(one).seek(timeline.ticks);
    expect(frames).toEqual(before);
    expect(ticks.map((tick) => timeline.seek(tick))).toEqual(before);
  });

  test('while reading, every head holds every token that was read', () => {
    const frame = timeline.seek(3);
    expect(frame).toMatchObject({ read: 48, phase: 'read', answer: [], attention: undefined });
    for (let head = 0; head < heads; head++) expect(heldTokens(frame, shape.tokens, head)).toEqual(range(48));
    expect([...frame.blocks].flatMap((block, i) => (block ? [i] : []))).toEqual([0, 1, 2]);
  });

  test('after compression every head holds what the lane kept, in the blocks and bytes that the run reports', () => {
    run.kept.flat().forEach((kept, head) => expect(heldTokens(compressed, shape.tokens, head)).toEqual([...kept]));
    const { full: _, ...bytes } = run.bytes;
    expect(frameBytes(compressed, shape)).toEqual(bytes);
    expect(frameBytes(compressed, shape, prompt.compressedAt)).toEqual(bytes);
  });

  test('at the end every head holds what was kept and what was read since, and the answer stands there', () => {
    const read = prompt.tokens.length + run.steps.length - 1;
    expect(end.read).toBe(read);
    const since = range(read, prompt.compressedAt);
    run.kept.flat().forEach((kept, head) => {
      expect(heldTokens(end, shape.tokens, head)).toEqual([...kept, ...since]);
      for (const token of [...kept, ...since]) expect(end.blocks[end.slot[head * shape.tokens + token]! >> 4]).toBe(1);
    });
    expect(end.answer.filter((word) => word !== '.')).toEqual(run.answer);
    // What an answer looked at was held.
    const looked = [...end.attention!.positions].filter((position) => position < prompt.compressedAt);
    expect(looked.every((position) => run.kept.flat().some((kept) => kept.includes(position)))).toBe(true);
  });

  // KIVI writes the oldest keys, 32 at a time, and all values but the newest 32; what waits has 16 bits.
  test('counts as encoded what the codec says, and nothing without one', () => {
    const [codec] = termsOf(run.spec, 'codec');
    for (const frame of [compressed, end]) {
      for (let head = 0; head < heads; head++) {
        const held = heldTokens(frame, shape.tokens, head);
        const bits = (column: Uint8Array) => held.map((token) => column[head * shape.tokens + token]);
        const expected = (encoded: number) =>
          held.map((_, entry) => (codec && entry < encoded ? codec.settings['bits'] : 16));
        expect(bits(frame.keyBits)).toEqual(expected(held.length - (held.length % 32)));
        expect(bits(frame.valueBits)).toEqual(expected(held.length - 32));
      }
    }
  });
});

test('one clock drives all lanes: they differ only in how long they answer', () => {
  for (const when of ['later', 'visible']) {
    const phases = runs.filter((one) => one.when === when).map((one) => timelineOf(one).phases);
    const shortest = Math.min(...phases.map(({ length }) => length));
    expect(new Set(phases.map((each) => each.slice(0, shortest).join())).size).toBe(1);
    for (const each of phases)
      expect(new Set(each.slice(shortest))).toEqual(each.length > shortest ? new Set(['answer']) : new Set());
  }
});

describe('what lanes share', () => {
  test('is shown alike in all of them, and each goes its own way from there', () => {
    const some = runs.filter(({ when }) => when === 'later');
    const films = some.map(timelineOf);
    const opening = 128 / 16;
    for (const tick of [3, opening, 1]) {
      for (const film of films) expect(film.seek(tick)).toEqual(films[0]!.seek(tick));
    }
    const after = films.map((film, i) => [countOf(film.seek(opening + 4), some[i]!.shape, 0), some[i]!.run.lane]);
    expect(after).toEqual(some.map(({ run }) => [run.kept[0]![0]!.length, run.lane]));
  });

  test('may be laid out wider for another film', () => {
    const one = runs[0]!;
    const wide = { ...one.shape, tokens: one.shape.tokens + 40 };
    const narrow = timelineOf(one);
    const frame = new Timeline(one.run.events, wide, one.opening).seek(9);
    expect(frame.keyBits).toHaveLength(heads * wide.tokens);
    expect(range(heads).map((head) => heldTokens(frame, wide.tokens, head))).toEqual(every(heads, range(128)));
    expect(narrow.seek(9).keyBits).toHaveLength(heads * one.shape.tokens);
    expect(timelineOf(one).seek(9)).toEqual(narrow.seek(9));
  });
});

/** One layer of two heads, each with four numbers a key, and 20 tokens. */
const shape: Shape = { layers: 1, kvHeads: 2, headDim: 4, tokens: 20 };
const tick = (phase: 'read' | 'compress' | 'ask' | 'answer'): Event => ({ type: 'tick', phase });
const allocate = (index: number): Event => ({ type: 'allocate', index, block: 100 + index });
const slots = ({ slot }: Frame, head: number) =>
  [...slot.subarray(head * 20, head * 20 + 20)].flatMap((at, token) => (at < 0 ? [] : [[token, at]]));
const held = (frame: Frame) => [heldTokens(frame, 20, 0), heldTokens(frame, 20, 1)];

describe('events by hand', () => {
  const read: Event[] = [
    allocate(0),
    { type: 'append', from: 0, to: 16, slot: 0 },
    tick('read'),
    allocate(1),
    { type: 'append', from: 16, to: 18, slot: 16 },
    tick('read'),
  ];
  const dropped: Event[] = [
    { type: 'retain', layer: 0, held: [bitmask([17], 18), bitmask([0, 2], 18)] },
    { type: 'free', index: 1, block: 101 },
    tick('compress'),
  ];

  test('two heads read, drop and go on', () => {
    const events: Event[] = [
      ...read,
      ...dropped,
      allocate(1),
      { type: 'append', from: 18, to: 19, slot: 18 },
      tick('read'),
    ];
    const timeline = new Timeline(events, shape);
    const frame = timeline.seek(3);
    expect([...held(frame), [...frame.blocks]]).toEqual([[17], [0, 2], [1, 0]]);
    expect([slots(frame, 0), slots(frame, 1)]).toEqual([
      [[17, 17]],
      [
        [0, 0],
        [2, 2],
      ],
    ]);
    const later = timeline.seek(99);
    expect([...held(later), [...later.blocks]]).toEqual([
      [17, 18],
      [0, 2, 18],
      [1, 1],
    ]);
    expect([timeline.ticks, timeline.seek(0).read, held(timeline.seek(-5))]).toEqual([4, 0, [[], []]]);
  });

  // The last tick shows 3 entries of 16 bytes and 4-bit keys for two of them, which have 2 bytes instead of 8, and 1.5 bytes of scales each; 5 bytes lie
  // beside head 1. An entry costs (12 + 24 + 8) / 3 bytes, and so does each of the 16 * 2 - 3 empty slots of the one block.
  test('entries are written with fewer bits, others move, and something lies beside them', () => {
    const events: Event[] = [
      ...read,
      ...dropped,
      {
        type: 'encode',
        layer: 0,
        parts: [{ kvHead: 1, side: 'keys', from: 0, to: 2, bits: 4, overhead: 1.5, wire: 6 }],
      },
      tick('compress'),
      { type: 'copy', layer: 0, moves: [Uint32Array.of(17, 0), Uint32Array.of(0, 2, 2, 0)] },
      { type: 'index', layer: 0, bytes: [0, 5] },
      tick('compress'),
    ];
    const timeline = new Timeline(events, shape);
    const encoded = timeline.seek(4);
    expect([...encoded.keyBits].flatMap((bits, at) => (bits ? [[at, bits]] : []))).toEqual([
      [17, 16],
      [20, 4],
      [22, 4],
    ]);
    expect([encoded.valueBits[20], encoded.overhead[20], encoded.overhead[17]]).toEqual([16, 1.5, 0]);
    // What came over a network is no part of what is held.
    expect([timeline.seek(3).crossed, encoded.crossed]).toEqual([0, 12]);
    const moved = timeline.seek(5);
    expect([slots(moved, 0), slots(moved, 1)]).toEqual([
      [[17, 0]],
      [
        [0, 2],
        [2, 0],
      ],
    ]);
    const bytes = frameBytes(moved, shape);
    expect(bytes).toEqual({
      keys: 8 + 2 + 2,
      values: 24,
      metadata: 3 + 5,
      live: 44,
      holes: expect.closeTo(29 * (44 / 3), 9) as number,
      allocated: expect.closeTo(32 * (44 / 3), 9) as number,
      host: 0,
    });
    // Only of the first ten tokens, and the blocks that they fill.
    expect(frameBytes(moved, shape, 10)).toMatchObject({ keys: 4, values: 16, metadata: 8, live: 28 });
  });

  test('a chunk is spliced in, a prefix is adopted, and a draft is taken back', () => {
    const adopted = new Timeline(
      [
        { type: 'adopt', to: 16 },
        allocate(0),
        tick('read'),
        allocate(1),
        { type: 'splice', from: 16, to: 19, slot: 16 },
        tick('read'),
        { type: 'encode', layer: 0, parts: [{ kvHead: 0, side: 'values', from: 17, to: 19, bits: 2, overhead: 1 }] },
        { type: 'truncate', to: 15 },
        { type: 'free', index: 1, block: 101 },
        tick('answer'),
        { type: 'append', from: 15, to: 18, slot: 15 },
        tick('answer'),
      ],
      shape,
    );
    expect(held(adopted.seek(1))).toEqual([range(16), range(16)]);
    expect(held(adopted.seek(2))).toEqual([range(19), range(19)]);
    const back = adopted.seek(3);
    expect([held(back), back.read, [...back.blocks]]).toEqual([[range(15), range(15)], 15, [1, 0]]);
    // What is written again is new: nothing is left of the bits that were there.
    const again = adopted.seek(4);
    expect([held(again), again.valueBits[17], again.overhead[17], again.slot[17]]).toEqual([
      [range(18), range(18)],
      16,
      0,
      17,
    ]);
  });

  // Which values were folded, and where keys were turned to, changes neither what is held nor its bytes.
  test('what is merged or turned stays where it is', () => {
    const plain = new Timeline([...read, ...dropped], shape).seek(3);
    const merged = new Timeline(
      [
        ...read,
        { type: 'merge', layer: 0, pairs: [Uint32Array.of(0, 17), Uint32Array.of(1, 2)] },
        ...dropped.slice(0, -1),
        { type: 'rotate', layer: 0 },
        tick('compress'),
      ],
      shape,
    ).seek(3);
    expect(merged).toEqual(plain);
  });

  test('a bitmask holds what was put into it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(99), { maxLength: 60 }), (positions) => {
        const mask = bitmask(positions, 100);
        expect(mask).toHaveLength(13);
        expect(range(104).filter((i) => isSet(mask, i))).toEqual([...positions].sort((a, b) => a - b));
      }),
    );
  });

  test('over an answer the strongest look counts, for each position and each head', () => {
    const first = { positions: [1, 2], weights: [0.2, 0.5], heads: Uint8Array.of(0, 9, 5, 1, 1, 1) };
    const second = { positions: [2, 3], weights: [0.4, 0.3], heads: Uint8Array.of(1, 0, 6, 7, 0, 0, 2, 3) };
    expect(strongest(undefined, first, 2)).toEqual(first);
    expect(strongest(first, second, 2)).toEqual({
      positions: [1, 2, 3],
      weights: [0.2, 0.5, 0.3],
      heads: Uint8Array.of(1, 9, 6, 7, 1, 1, 2, 3),
    });
    expect(strongest(first, { positions: [], weights: [] }, 2)).toEqual({ positions: [1, 2], weights: [0.2, 0.5] });
  });
});

test("the full stop's look does not hide where the answer came from", () => {
  const look = (position: number) => ({ positions: [position], weights: [1] });
  const said = (word: string, at: number): Event[] => [
    { type: 'answer', token: 1, word, attention: look(at) },
    tick('answer'),
  ];
  const answered = (events: Event[]) => new Timeline(events, shape).seek(99).attention?.positions;
  expect(answered([...said('mill', 3), ...said('.', 9)])).toEqual([3]);
  expect(answered([...said('22', 3), ...said('27', 4), ...said('.', 9)])).toEqual([3, 4]);
  expect(answered(said('.', 9))).toEqual([9]);
});
