import { describe, expect, test, vi } from 'vitest';
import { parseLane, printLane } from '../../src/engine/lane-spec.ts';
import { seededPrompt } from '../../src/engine/prompt.ts';
import { Comparer, promptOf, type Shown } from '../../src/state/compare.ts';
import { curve } from '../../src/state/curve.ts';
import { slim } from '../../src/state/slim.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { anyBlock } from '../engine/facts.ts';
import { compare, engineOf, vocabulary } from '../engine/harbour.ts';

const engine = engineOf();
const view: View = { ...defaultView, lanes: ['full', 'h2o', 'kivi'], seed: 3, length: 128 };

/** A run but for the numbers of its blocks in the pool, which nothing that is drawn depends on. */
const drawn = (shown: Shown) => ({
  ...shown,
  prompt: { ...shown.prompt, events: shown.prompt.events.map(anyBlock) },
  lanes: shown.lanes.map((lane) => ({ ...lane, events: lane.events.map(anyBlock) })),
});

describe('a view is run', () => {
  test("as its prompt says: from a seed, or from a text of one's own", () => {
    const prompt = (change: Partial<View>) => promptOf(vocabulary, { ...view, ...change });
    expect(prompt({ question: 2 }).words).toEqual(seededPrompt(vocabulary, 3, { length: 128 }, 2, 'later').words);
    expect(prompt({ kinds: ['code'], moment: 'visible' }).compressedAt).toBeGreaterThan(128);
    const own = prompt({ text: 'It rained.', ask: 'Where?' });
    expect(own.words).toEqual(['<bos>', 'it', 'rained', '.', 'where', '?']);
    expect(own.turns.map(({ expected }) => expected)).toEqual([undefined]);
  });

  test('with as many questions as it asks, and read as it says', () => {
    const prompt = (change: Partial<View>) => promptOf(vocabulary, { ...view, ...change });
    expect(prompt({ turns: 3 }).turns.map(({ question }) => question.words)).toEqual(
      [0, 1, 2].map((question) => prompt({ question }).turns[0]!.question.words),
    );
    expect([prompt({}).splicedAt, prompt({}).earlier]).toEqual([undefined, undefined]);
    expect(prompt({ reading: 'spliced' }).splicedAt).toBeGreaterThan(0);
    expect(prompt({ reading: 'warm' }).earlier).toEqual(prompt({}).tokens.slice(0, 128));
    const text = 'It rained. The wind was cold.';
    expect(prompt({ text, ask: 'Where?', reading: 'spliced' }).splicedAt).toBe(4);
  });

  test('and shows what the engine found', () => {
    const shown = new Comparer(engine).compare(view);
    const prompt = promptOf(vocabulary, view);
    const runs = compare(engine, engine.prepare(prompt), view.lanes, 0.25);
    expect(shown).toMatchObject({
      view,
      shape: { layers: 4, kvHeads: 4, headDim: 32 },
      prompt: {
        compressedAt: 128,
        textLength: 128,
        question: prompt.turns[0]!.question.words,
        expected: prompt.turns[0]!.expected,
        needed: prompt.turns[0]!.question.needed,
        sentence: prompt.turns[0]!.question.sentence,
        questions: prompt.questions,
        reused: 0,
        spliced: 0,
      },
    });
    expect(shown.prompt.needed.length).toBeGreaterThan(0);
    expect(shown.lanes.length).toBe(3);
    shown.lanes.forEach(({ outcome, events, causes: _, ranks, ...lane }, i) => {
      // No picture asked for them.
      expect(ranks).toBeUndefined();
      expect(runs[i]).toMatchObject({ ...lane, ...outcome });
      expect(events.map(anyBlock)).toEqual(runs[i]!.events.map(anyBlock));
      expect(outcome!.turns.length).toBe(1);
    });
  });

  test('with the ranks of what a rule says, where the picture shows them: at once, and none of a lane that scores nothing', () => {
    const lanes = ['full', 'h2o', 'snapkv+kivi', 'every(n=4)'];
    const { shown, finish } = new Comparer(engine).start({ ...view, lanes, view: 'scores' });
    expect(shown.lanes.map(({ ranks }) => ranks!.length)).toEqual([0, 16 * 128, 16 * 128, 0]);
    expect(finish().lanes.map(({ ranks }) => ranks)).toEqual(shown.lanes.map(({ ranks }) => ranks));
    const [h2o] = compare(engine, engine.prepare(promptOf(vocabulary, view)), ['h2o'], 0.25);
    const [stays] = h2o!.kept[3]!;
    const ranks = shown.lanes[1]!.ranks!.subarray(12 * 128, 13 * 128);
    // The best 32 of 128 are those that at least 96 score below: here no two scores are the same.
    expect([...stays!]).toEqual([...ranks.keys()].filter((i) => ranks[i]! >= 96));
  });

  test('over several turns: what is said of a run is said of the last', () => {
    const { prompt, lanes, shape } = new Comparer(engine).compare({ ...view, turns: 3, keep: 0.1 });
    const { turns } = promptOf(vocabulary, { ...view, turns: 3 });
    expect(prompt.turns).toEqual(turns.map(({ question, expected }) => ({ question: question.words, expected })));
    expect([prompt.question, prompt.expected]).toEqual([turns[2]!.question.words, turns[2]!.expected]);
    for (const { outcome } of lanes) {
      expect(outcome!.turns.length).toBe(3);
      const { answer, right, sameAsFull } = outcome!;
      expect(outcome!.turns[2]).toEqual({ answer, right, sameAsFull });
      outcome!.turns.forEach((turn, i) =>
        expect(turn.right).toBe(turn.answer.join(' ') === turns[i]!.expected!.join(' ')),
      );
    }
    // A film holds every token that any lane reads.
    const read = Math.max(
      ...lanes.flatMap(({ events }) => events.flatMap((event) => (event.type === 'append' ? [event.to] : []))),
    );
    expect(shape.tokens).toBeGreaterThanOrEqual(read);
  });

  test('behind an earlier request, or spliced, and says what was not computed', () => {
    const comparer = new Comparer(engine);
    const { prompt: whole } = comparer.compare(view);
    const { prompt: warm, lanes } = comparer.compare({ ...view, reading: 'warm' });
    const { prompt: spliced } = comparer.compare({ ...view, reading: 'spliced' });
    expect(warm.reused).toBe(112);
    expect(warm.work).toBeLessThan(whole.work / 4);
    expect(spliced.spliced).toBe(128 - promptOf(vocabulary, { ...view, reading: 'spliced' }).splicedAt!);
    expect(warm.events.map(({ type }) => type)).toContain('adopt');
    expect(spliced.events.map(({ type }) => type)).toContain('splice');
    // Blocks that were there already hold the same numbers, so nothing else changes.
    expect(lanes.map(({ outcome }) => outcome!.answer)).toEqual(
      comparer.compare(view).lanes.map(({ outcome }) => outcome!.answer),
    );
  });

  test('in two steps: what is kept, and then what is answered', () => {
    const comparer = new Comparer(engine);
    const whole = comparer.compare(view);
    const underway = comparer.start(view);
    expect(underway.shown.lanes.map(({ outcome }) => outcome)).toEqual([undefined, undefined, undefined]);
    expect(underway.shown).toMatchObject({ view, shape: whole.shape });
    expect(underway.shown.prompt).toBe(whole.prompt);
    const kept = underway.shown.lanes.map(({ bytes }) => bytes);
    const events = underway.shown.lanes.map((lane) => lane.events.length);
    const finished = underway.finish();
    expect(drawn(finished)).toEqual(drawn(whole));
    expect(finished.lanes.map(({ bytes }) => bytes)).toEqual(kept);
    finished.lanes.forEach((lane, i) => {
      // What is shown first is how the whole begins, and stays as it was told.
      expect(underway.shown.lanes[i]!.events).toEqual(lane.events.slice(0, events[i]));
    });
  });
});

describe('a run is the same however one came to it', () => {
  test('other budgets, lanes, texts, readings and clocks before', () => {
    const fresh = drawn(new Comparer(engine).compare(view));
    const comparer = new Comparer(engine);
    const wandered: Partial<View>[] = [
      {},
      { keep: 0.1 },
      { lanes: ['tova'] },
      { lanes: ['adakv(snapkv)+every(n=4)+merge', 'kivi+quest'] },
      { seed: 9 },
      { moment: 'visible' },
      { reading: 'warm' },
      { reading: 'spliced' },
      { turns: 3 },
      { text: 'It rained.', ask: 'Where?' },
      { length: 64 },
      { kinds: ['code'] },
      { question: 1 },
    ];
    for (const change of wandered) comparer.compare({ ...view, ...change });
    expect(drawn(comparer.compare(view))).toEqual(fresh);
    const looked: View = { ...view, tick: 3, view: 'bytes', layer: 1 };
    expect(drawn(comparer.compare(looked))).toEqual({ ...fresh, view: looked });
  });

  // A curve reads its texts with the same engine. Once, the next budget was then run on the curve's last text.
  test('and while and after a curve is filled in', () => {
    const comparer = new Comparer(engine);
    const before = drawn(comparer.compare({ ...view, keep: 0.5 }));
    const points = curve(engine, { ...view, seed: 500 }, 3);
    points.next();
    expect(drawn(comparer.compare({ ...view, keep: 0.5 }))).toEqual(before);
    const disturbed = [...points].at(-1);
    expect(drawn(comparer.compare({ ...view, keep: 0.5 }))).toEqual(before);
    expect(disturbed).toEqual([...curve(engine, { ...view, seed: 500 }, 3)].at(-1));
  });

  test('and after a run that was begun and given up', () => {
    const comparer = new Comparer(engine);
    const before = drawn(comparer.compare(view));
    const { pool } = engine.model.store;
    const free = pool.free;
    const underway = comparer.start({ ...view, keep: 0.1 });
    expect(pool.free).toBeLessThan(free);
    underway.cancel();
    expect(pool.free).toBe(free);
    expect(drawn(comparer.compare(view))).toEqual(before);
  });
});

describe('texts that were read', () => {
  /** A comparer, and what it makes its engine read and give back. */
  function counted() {
    const prepare = vi.spyOn(engine, 'prepare');
    const release = vi.spyOn(engine, 'release');
    prepare.mockClear();
    release.mockClear();
    return {
      comparer: new Comparer(engine),
      read: () => prepare.mock.calls.length,
      given: () => release.mock.calls.length,
    };
  }

  test('are not read again for another budget, other lanes or another look', () => {
    const { comparer, read, given } = counted();
    const first = comparer.compare(view).prompt;
    for (const change of [{ keep: 0.1 }, { lanes: ['tova', 'kivi'] }, { tick: 3 }, { layer: 2 }] as const) {
      // The same object, so that a page need not draw the text anew.
      expect(comparer.compare({ ...view, ...change }).prompt).toBe(first);
    }
    expect([read(), given()]).toEqual([1, 0]);
  });

  test.each<[string, Partial<View>]>([
    ['seed', { seed: 4 }],
    ['length', { length: 129 }],
    ['kinds', { kinds: ['code'] }],
    ['facts', { facts: 'few' }],
    ['question', { question: 1 }],
    ['turns', { turns: 2 }],
    ['moment', { moment: 'visible' }],
    ['reading', { reading: 'warm' }],
    ['a text of its own', { text: 'It rained.', ask: 'Where?' }],
  ])('are read anew for another %s', (_, change) => {
    const { comparer, read } = counted();
    comparer.compare(view);
    comparer.compare({ ...view, ...change });
    expect(read()).toBe(2);
  });

  test.each<[string, Partial<View>]>([
    ['question', { ask: 'Who?' }],
    ['text', { text: 'It snowed.' }],
    ['moment', { moment: 'visible' }],
    ['reading', { reading: 'warm' }],
  ])("of a reader's own, for another %s, but not for another seed", (_, change) => {
    const { comparer, read } = counted();
    const own: View = { ...view, text: 'It rained.', ask: 'Where?' };
    comparer.compare(own);
    comparer.compare({ ...own, seed: 99, length: 64, question: 3, turns: 4 });
    expect(read()).toBe(1);
    comparer.compare({ ...own, ...change });
    expect(read()).toBe(2);
  });

  test('stay for three, and the one that was used longest ago is given back', () => {
    const { comparer, read, given } = counted();
    const at = (seed: number) => comparer.compare({ ...view, length: 64, seed });
    for (const seed of [1, 2, 3, 1]) at(seed);
    expect([read(), given()]).toEqual([3, 0]);
    at(4); // gives back 2
    for (const seed of [3, 1, 4]) at(seed);
    expect([read(), given()]).toEqual([4, 1]);
    at(2);
    expect([read(), given()]).toEqual([5, 2]);
  });

  test("a curve leaves a reader's words where they are", () => {
    const { comparer, read } = counted();
    const own: View = { ...view, text: 'It rained. Zofia likes pancakes.', ask: 'What does Zofia like?' };
    const before = drawn(comparer.compare(own));
    expect(read()).toBe(1);
    const points = curve(engine, { ...view, length: 64, seed: 500 }, 3);
    points.next();
    expect(read()).toBe(2);
    expect(drawn(comparer.compare(own))).toEqual(before);
    expect(read()).toBe(2);
    for (const _ of points);
    expect(read()).toBe(4);
    expect(drawn(comparer.compare(own))).toEqual(before);
    expect(read()).toBe(4);
  });
});

test('lanes are run as a link writes them', () => {
  const lanes = ['  snapkv( window = 16 ) ', 'h2o kivi(bits=4)', 'uniform(tova)'];
  const shown = new Comparer(engine).compare({ ...view, lanes });
  expect(shown.lanes.map(({ lane }) => lane)).toEqual(lanes.map((lane) => printLane(parseLane(lane).spec)));
  expect(shown.view.lanes).toEqual(lanes);
});

test('a slim run is the same, but for the attention of single heads', () => {
  const shown = new Comparer(engine).compare(view);
  const small = slim(shown);
  const withoutHeads = (one: Shown) =>
    JSON.parse(
      JSON.stringify(one, (key, value: unknown) =>
        key === 'heads' && value instanceof Uint8Array ? undefined : value,
      ),
    ) as unknown;
  const seen = (one: Shown) =>
    one.lanes.flatMap(({ events }) => events).filter((event) => event.type === 'answer' && 'heads' in event.attention)
      .length;
  expect(withoutHeads(small)).toEqual(withoutHeads(shown));
  expect(seen(shown)).toBeGreaterThan(3);
  expect(seen(small)).toBe(0);
  expect(JSON.stringify(small).length).toBeLessThan(JSON.stringify(shown).length / 2);
});

test('explained, a run is the same, and says of each lane what its answer is owed to', () => {
  const lanes = ['full', 'snapkv', 'streaming-llm', 'kivi', 'quest'];
  const comparer = new Comparer(engine);
  const plain = comparer.compare({ ...view, lanes });
  const shown = comparer.explain({ ...view, lanes });
  const bare = (one: Shown) => drawn({ ...one, lanes: one.lanes.map((lane) => ({ ...lane, causes: undefined })) });
  expect(bare(shown)).toEqual(bare(plain));
  expect(plain.lanes.map(({ causes }) => causes)).toEqual(lanes.map(() => undefined));
  expect(shown.lanes.every(({ causes }) => Array.isArray(causes))).toBe(true);
  expect(shown.lanes[0]!.causes!.length).toBeGreaterThan(0);
});

test('what is known of a lane that drops nothing stays known at every budget, and of no other', () => {
  const comparer = new Comparer(engine);
  const [full, h2o, kivi] = comparer.explain(view).lanes;
  const known = comparer.compare({ ...view, keep: 0.4 }).lanes.map(({ causes }) => causes);
  expect(known).toEqual([full!.causes, undefined, kivi!.causes]);
  // At its whole size no lane drops anything; each of them is found out once.
  const whole = comparer.explain({ ...view, keep: 1 }).lanes.map(({ causes }) => causes);
  expect(whole.slice(0, 2)).toEqual([full!.causes, full!.causes]);
  expect(comparer.compare({ ...view, keep: 1 }).lanes.map(({ causes }) => causes)).toEqual(whole);
  expect(h2o!.causes).toBeDefined();
});

test('nothing is owed to anything before the lanes have answered, and whoever leaves early leaves nothing behind', () => {
  const underway = new Comparer(engine).start(view);
  expect([...underway.causes()]).toEqual([]);
  underway.finish();
  const { pool } = engine.model.store;
  const free = pool.free;
  for (const _ of underway.causes()) break;
  expect(pool.free).toBeGreaterThanOrEqual(free);
});
