import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitmask, isSet, strongest, summarise, type Event } from '../../src/engine/events.ts';
import { laneBytes } from '../../src/engine/measure/bytes.ts';
import { Timeline, type Frame } from '../../src/engine/timeline.ts';
import { compare, config, engineOf, shortPrompt } from './harbour.ts';

const heads = config.layers * config.kvHeads;
const lanes = [
  'full',
  'snapkv(window=16)',
  'streaming-llm',
  'random',
  'kivi',
  'h2o+kivi(bits=4)',
  'inverted(tova)',
  'oracle',
];

const runs = (['later', 'visible'] as const).flatMap((when) => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(5, when));
  return compare(engine, prepared, lanes, 0.25).map((run) => ({
    when,
    run,
    prompt: prepared.prompt,
    positions: prepared.prompt.tokens.length + 16,
    name: `${run.lane}, ${when}`,
  }));
});

const timelineOf = ({ run, positions }: (typeof runs)[number]) => new Timeline(run.events, heads, positions);
const last = (phases: readonly string[], phase: string) => phases.lastIndexOf(phase) + 1;
const heldIn = ({ held }: Frame, positions: number, head: number) =>
  [...held.subarray(head * positions, (head + 1) * positions).entries()].flatMap(([i, cell]) => (cell ? [i] : []));

describe.each(runs)('$name', (one) => {
  const { run, prompt, positions } = one;
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
          expect(wandered.seek(path[0]!)).toEqual(timelineOf(one).seek(path[0]!));
        },
      ),
      { numRuns: 15 },
    );
  });

  test("a frame is the caller's own", () => {
    const frame = timeline.seek(timeline.ticks - 1);
    const before = structuredClone(frame);
    frame.held.fill(9);
    frame.counts.fill(9);
    frame.blocks.fill(9);
    frame.answer.push('x');
    expect(timeline.seek(timeline.ticks - 1)).toEqual(before);
  });

  test('while reading, every head holds every token that was read', () => {
    const frame = timeline.seek(3);
    expect(frame).toMatchObject({ read: 48, phase: 'read', answer: [], attention: undefined });
    for (let head = 0; head < heads; head++)
      expect(heldIn(frame, positions, head)).toEqual(Array.from({ length: 48 }, (_, i) => i));
    expect([...frame.blocks].flatMap((block, i) => (block ? [i] : []))).toEqual([0, 1, 2]);
  });

  test('after compression every head holds what the lane kept, in the blocks and bytes that the run reports', () => {
    run.kept.flat().forEach((kept, head) => expect(heldIn(compressed, positions, head)).toEqual([...kept]));
    expect([...compressed.counts]).toEqual(run.kept.flat().map(({ length }) => length));
    const blocks = compressed.blocks.reduce((a, b) => a + b, 0);
    const { full: _, ...bytes } = run.bytes;
    expect(laneBytes(run.spec, compressed.counts, blocks, config.headDim)).toEqual(bytes);
  });

  test('at the end every head holds what was kept and what was read since, and the answer stands there', () => {
    const read = prompt.tokens.length + run.steps.length - 1;
    expect(end.read).toBe(read);
    const since = Array.from({ length: read - prompt.compressedAt }, (_, i) => prompt.compressedAt + i);
    run.kept.flat().forEach((kept, head) => expect(heldIn(end, positions, head)).toEqual([...kept, ...since]));
    expect([...end.counts]).toEqual(run.kept.flat().map(({ length }) => length + since.length));
    expect(end.answer.filter((word) => word !== '.')).toEqual(run.answer);
    for (const position of heldIn(end, positions, 0)) expect(end.blocks[position >> 4]).toBe(1);
  });

  test('counts as encoded what the codec says, and nothing without one', () => {
    const kivi = (count: number) =>
      run.spec.codec ? { keys: count - (count % 32), values: Math.max(0, count - 32) } : { keys: 0, values: 0 };
    for (const frame of [compressed, end]) {
      for (let head = 0; head < heads; head++)
        expect({ keys: frame.encodedKeys[head], values: frame.encodedValues[head] }).toEqual(kivi(frame.counts[head]!));
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

describe('events by hand', () => {
  const read = (from: number, to: number): Event[] => [
    { type: 'read', from, to },
    { type: 'tick', phase: 'read' },
  ];

  test('two heads read, drop and go on', () => {
    const events: Event[] = [
      ...read(0, 16),
      ...read(16, 18),
      { type: 'keep', layer: 0, held: [bitmask([17], 18), bitmask([0, 2], 18)] },
      { type: 'free', blocks: [1] },
      { type: 'tick', phase: 'compress' },
      ...read(18, 19),
    ];
    const timeline = new Timeline(events, 2, 20);
    const frame = timeline.seek(3);
    expect([heldIn(frame, 20, 0), heldIn(frame, 20, 1), [...frame.counts], [...frame.blocks]]).toEqual([
      [17],
      [0, 2],
      [1, 2],
      [1, 0],
    ]);
    const later = timeline.seek(99);
    expect([heldIn(later, 20, 0), heldIn(later, 20, 1), [...later.counts], [...later.blocks]]).toEqual([
      [17, 18],
      [0, 2, 18],
      [2, 3],
      [1, 1],
    ]);
    expect([timeline.ticks, timeline.seek(0).read, timeline.seek(-5).counts[0]]).toEqual([4, 0, 0]);
  });

  test('a bitmask holds what was put into it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(99), { maxLength: 60 }), (positions) => {
        const mask = bitmask(positions, 100);
        expect(mask).toHaveLength(13);
        expect(Array.from({ length: 104 }, (_, i) => i).filter((i) => isSet(mask, i))).toEqual(
          [...positions].sort((a, b) => a - b),
        );
      }),
    );
  });

  // Two heads: 0.3 and 0.4 on position 0 give the root of (0.09 + 0.16) / 2; 0.05 alone gives the root of 0.00125, which is below 0.04.
  test('attention over heads is the root of the mean square, and what is faint is left out', () => {
    expect(summarise([Float32Array.of(0.3, 0.05, 1), Float32Array.of(0.4, 0, 0)])).toEqual({
      positions: [0, 2],
      weights: [0.3536, 0.7071],
      heads: Uint8Array.of(77, 13, 255, 102, 0, 0),
    });
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
    { type: 'tick', phase: 'answer' },
  ];
  const answered = (events: Event[]) => new Timeline(events, 1, 20).seek(99).attention?.positions;
  expect(answered([...said('mill', 3), ...said('.', 9)])).toEqual([3]);
  expect(answered([...said('22', 3), ...said('27', 4), ...said('.', 9)])).toEqual([3, 4]);
  expect(answered(said('.', 9))).toEqual([9]);
});
