import { describe, expect, test, vi } from 'vitest';
import type { Prepared } from '../../src/engine/engine.ts';
import { Lane } from '../../src/engine/lane.ts';
import { argmax, divergence } from '../../src/engine/measure/divergence.ts';
import { readingWork } from '../../src/engine/measure/work.ts';
import type { Reading } from '../../src/engine/model/model.ts';
import { makePlan } from '../../src/engine/plan.ts';
import { counts, every, facts, liveAlone, range, stepFacts } from './facts.ts';
import { compare, config, engineOf, shortPrompt, specsOf } from './harbour.ts';

const engine = engineOf();
const { model } = engine;

/** Lanes of every role, alone and mixed. */
const mixes = [
  'h2o(recent=0.5)',
  'adakv(snapkv)+every(n=4)+merge',
  'h2o+between-turns+kivi(bits=4)',
  'tova+compact(order=false)+quest(top=2)',
  'snapkv+every(n=2)+rerotate',
  'quest(top=1)',
  'pyramid(knorm,beta=4)+per-layer(kivi(bits=4),kivi)',
  'full',
];

describe('a lane says the same', () => {
  test.each([
    ['one question', shortPrompt(1)],
    ['three questions', shortPrompt(2, 'visible', { turns: 3 })],
  ])('alone, among others, in any order, and after anything else: %s', (_, prompt) => {
    const prepared = engine.prepare(prompt);
    const together = compare(engine, prepared, mixes, 0.25).map(facts);
    mixes.forEach((lane, i) => {
      const fresh = engine.prepare(prompt);
      expect(compare(engine, fresh, [lane], 0.25).map(facts)).toEqual([together[i]]);
      engine.release(fresh);
    });
    mixes.forEach((lane, i) => expect(compare(engine, prepared, [lane], 0.25).map(facts)).toEqual([together[i]]));

    compare(engine, prepared, ['kivi', 'snapkv+kivi(bits=8)', 'inverted(h2o)', ...mixes.slice(0, 4)], 0.9);
    const fresh = engine.prepare(prompt);
    for (const keep of [0.6, 0.01]) {
      expect(compare(engine, prepared, mixes, keep).map(facts)).toEqual(compare(engine, fresh, mixes, keep).map(facts));
    }
    engine.release(fresh);
    const other = engine.prepare(shortPrompt(99));
    compare(engine, other, mixes, 0.5);
    const backwards = compare(engine, prepared, [...mixes].reverse(), 0.25);
    expect(backwards.map(facts).reverse()).toEqual(together);
    engine.release(other);

    engine.start(prepared, specsOf(...mixes), 0.4).cancel();
    expect(compare(engine, prepared, mixes, 0.25).map(facts)).toEqual(together);
    expect(compare(engine, prepared, every(8, mixes[1]!), 0.25).map(facts)).toEqual(every(8, together[1]));
    engine.release(prepared);
  });

  test('when it has begun, and others begin and answer before it does', () => {
    const [one, two] = [engine.prepare(shortPrompt(3)), engine.prepare(shortPrompt(4))];
    const [first, second] = [one, two].map((each) => compare(engine, each, mixes, 0.2).map(facts));
    const [begun, later] = [one, two].map((each) => engine.start(each, specsOf(...mixes), 0.2));
    compare(engine, one, mixes, 0.6);
    expect(later!.finish().map(facts)).toEqual(second);
    expect(begun!.finish().map(facts)).toEqual(first);
    for (const each of [one, two]) engine.release(each);
  });

  test('what a lane holds when it has begun is what it says that it held when it is done', () => {
    const prepared = engine.prepare(shortPrompt(3));
    const started = engine.start(prepared, specsOf(...mixes), 0.2);
    const runs = started.finish();
    runs.forEach((run, i) => {
      const { lane, events, bytes } = started.lanes[i]!;
      expect({ lane, bytes }).toEqual({ lane: run.lane, bytes: run.bytes });
      expect(run.events.slice(0, events.length)).toEqual(events);
      if (run.lane === 'full') return;
      // The question stands there, but for the tick that comes when it was read.
      const rest = run.events.slice(events.length);
      expect(events.filter((event) => event.type === 'append')).toHaveLength(prepared.prompt.turns[0]!.tokens.length);
      expect(rest.find((event) => event.type === 'tick')).toEqual({ type: 'tick', phase: 'ask' });
    });
    engine.release(prepared);
  });
});

/** Every pass that a task makes, as the numbers of tokens of its readings. */
function passes<T>(task: () => T): { result: T; passes: number[][] } {
  const spy = vi.spyOn(model, 'forward');
  try {
    const result = task();
    return { result, passes: spy.mock.calls.map(([readings]) => readings.map(({ tokens }) => tokens.length)) };
  } finally {
    spy.mockRestore();
  }
}

/** Tokens of the reference with which a lane agrees before it strays; undefined where it never does. */
function strays(prepared: Prepared, steps: readonly { token: number }[]): number | undefined {
  const at = prepared.full.answers[0]!.findIndex(({ token }, k) => token !== steps[k]?.token);
  return at < 0 ? undefined : at;
}

describe('one pass for all', () => {
  // Texts on which some lanes leave the full cache's answer, at their first token or later.
  test.each([1, 24, 34, 39])('each step of all lanes, and of their followers, is one call: text %i', (seed) => {
    const prepared = engine.prepare(shortPrompt(seed));
    const asked = prepared.prompt.turns[0]!.tokens.length;
    const reference = prepared.full.answers[0]!.length;
    const lanes = ['random', 'streaming-llm', 'tova', 'quest(top=1)', 'h2o+kivi', 'inverted(h2o)', 'full'];
    const { result: runs, passes: made } = passes(() => compare(engine, prepared, lanes, 0.1));
    // The full cache has answered already. A lane reads the question, then its answer but the last token; one that strays is followed by another that
    // reads what is left of the reference, but its last token, from the step on at which the lane reads the token that differs.
    const expected: number[][] = [];
    const reads = (pass: number, tokens: number) => (expected[pass] ??= []).push(tokens);
    for (const { steps } of runs.slice(0, -1)) {
      reads(0, asked);
      const at = strays(prepared, steps);
      for (let k = 1; k < steps.length; k++) reads(k, 1);
      if (at !== undefined) for (let k = at + 1; k < reference; k++) reads(k, 1);
    }
    expect(made).toEqual(expected);
    expect(made[0]).toEqual(every(6, asked));
    engine.release(prepared);
  });

  test('lanes that stray are among those texts, at the first token and later', () => {
    const strayed = [1, 24, 34, 39].flatMap((seed) => {
      const prepared = engine.prepare(shortPrompt(seed));
      const runs = compare(engine, prepared, ['random', 'tova', 'quest(top=1)', 'h2o+kivi'], 0.1);
      const at = runs.map(({ steps }) => strays(prepared, steps));
      engine.release(prepared);
      return at;
    });
    expect(strayed).toContain(0);
    expect(strayed).toContain(undefined);
    expect(strayed.some((at) => at !== undefined && at > 0)).toBe(true);
  });

  test('what the full cache answers is not computed again, nor is a lane that drops nothing', () => {
    const prepared = engine.prepare(shortPrompt(1, 'later', { turns: 2 }));
    const before = model.work;
    const { result, passes: made } = passes(() => compare(engine, prepared, ['full', 'full'], 0.3));
    expect({ made, work: model.work - before }).toEqual({ made: [], work: 0 });
    expect(facts(result[0]!)).toEqual(facts(result[1]!));
    expect(passes(() => compare(engine, prepared, ['kivi', 'h2o'], 1)).passes.length).toBeGreaterThan(0);
    expect(passes(() => compare(engine, prepared, ['kivi', 'h2o', 'full'], 1)).passes).toEqual([]);
    expect(passes(() => compare(engine, prepared, ['kivi', 'h2o', 'full'], 0.9)).passes[0]).toHaveLength(1);
    engine.release(prepared);
  });

  // Unlike `work.decode`, which is the lane's own, the model also counts what it computes for the follower.
  test('the follower is the only thing that is computed beside the lanes themselves', () => {
    const prepared = engine.prepare(shortPrompt(5));
    const { tokens } = prepared.prompt.turns[0]!;
    let followed = 0;
    for (const lane of ['random', 'tova', 'streaming-llm', 'inverted(h2o)']) {
      const before = model.work;
      const [run] = compare(engine, prepared, [lane], 0.1);
      const at = strays(prepared, run!.steps);
      const left = at === undefined ? 0 : prepared.full.answers[0]!.length - 1 - at;
      const held = counts(run!).map((count) => count + tokens.length + (at ?? 0));
      expect(model.work - before - run!.work.decode).toBe(readingWork(config, held, left, left));
      followed += left;
    }
    expect(followed).toBeGreaterThan(0);
    engine.release(prepared);
  });
});

/** A lane that is given the reference's tokens, whatever it would say: [turn][token] logits. */
function teacherForced(prepared: Prepared, spec: string, share: number): Float32Array[][] {
  const lane = new Lane(prepared.ground, makePlan(specsOf(spec)[0]!), share, () => {});
  const read = (tokens: readonly number[]) => {
    for (const _ of tokens) lane.append();
    const [logits] = model.forward([lane.reading(tokens)]);
    lane.act('token');
    return logits!;
  };
  lane.act('prompt', prepared.views);
  const logits = prepared.full.answers.map((steps, turn) => {
    const last = turn ? [prepared.full.answers[turn - 1]!.at(-1)!.token] : [];
    if (turn) lane.act('turn');
    const rows = [read([...last, ...prepared.script.turns[turn]!.tokens])];
    for (const { token } of steps.slice(0, -1)) rows.push(read([token]));
    return rows;
  });
  lane.release();
  return logits;
}

describe('a lane that strays', () => {
  test.each([
    ['one question', shortPrompt(2)],
    ['three questions', shortPrompt(5, 'visible', { turns: 3 })],
    ['behind a prefix hit', shortPrompt(3, 'later', { reading: 'warm' })],
  ])('is measured on what a run that follows the reference says: %s', (_, prompt) => {
    const prepared = engine.prepare(prompt);
    let astray = 0;
    for (const lane of [...mixes, 'random', 'streaming-llm+every(n=3)+compact']) {
      const { answers, followed } = liveAlone(engine, prepared, lane, 0.1);
      const forced = teacherForced(prepared, lane, 0.1);
      expect(followed.map((steps) => steps.map(({ logits }) => logits))).toEqual(forced);
      expect(followed.map((steps) => steps.map(({ token }) => token))).toEqual(
        prepared.full.answers.map((steps) => steps.map(({ token }) => token)),
      );
      const [run] = compare(engine, prepared, [lane], 0.1);
      expect(run!.turns.map(({ steps }) => steps.map(stepFacts))).toEqual(answers.map((steps) => steps.map(stepFacts)));
      const kls = forced.flatMap((rows, turn) =>
        rows.map((logits, k) => divergence(prepared.logReference[turn]![k]!, logits)),
      );
      const same = forced.flatMap((rows, turn) =>
        rows.map((logits, k) => argmax(logits) === prepared.full.answers[turn]![k]!.token),
      );
      expect(run!.kl).toBe(kls.reduce((a, b) => a + b, 0) / kls.length);
      expect(run!.agreement).toBe(same.filter(Boolean).length / same.length);
      astray += Number(!run!.turns.every(({ sameAsFull }) => sameAsFull));
    }
    expect(astray).toBeGreaterThan(1);
    engine.release(prepared);
  });
});

describe('memory', () => {
  /** Words of the heap that were taken since, and not given back. */
  function balance() {
    const { heap } = model.kernels;
    const [take, give] = [vi.spyOn(heap, 'take'), vi.spyOn(heap, 'give')];
    const sum = (words: readonly number[]) => words.reduce((a, b) => a + b, 0);
    return {
      held: () => sum(take.mock.calls.map(([words]) => words)) - sum(give.mock.calls.map(([, words]) => words)),
      stop: () => {
        take.mockRestore();
        give.mockRestore();
      },
    };
  }
  const state = () => ({
    free: model.store.pool.free,
    blocks: model.store.pool.size,
    heap: model.kernels.heap.bytes,
  });

  test('comes back after a comparison, whether it was finished or not', () => {
    const prepared = engine.prepare(shortPrompt(6, 'later', { turns: 2 }));
    compare(engine, prepared, mixes, 0.1);
    const before = state();
    const words = balance();
    for (let i = 0; i < 50; i++) {
      const lanes = range(2).map((j) => mixes[(i + j) % mixes.length]!);
      if (i % 5 === 4) engine.start(prepared, specsOf(...lanes), 0.1 + i / 100).cancel();
      else compare(engine, prepared, lanes, 0.1 + i / 100);
      expect({ ...state(), words: words.held() }).toEqual({ ...before, words: 0 });
    }
    words.stop();
    engine.release(prepared);
  });

  test('comes back when a prompt is given back, however it was read', () => {
    const readAll = () => {
      const prompts = (['whole', 'spliced', 'warm'] as const).map((reading) =>
        shortPrompt(7, 'visible', { reading, length: 64 }),
      );
      for (const prepared of prompts.map((prompt) => engine.prepare(prompt))) {
        compare(engine, prepared, ['h2o+every(n=2)'], 0.2);
        engine.release(prepared);
      }
      engine.answerAll(prompts[0]!, [['where', 'is', 'the', 'mill', '?']]);
    };
    readAll();
    const before = state();
    const words = balance();
    for (let i = 0; i < 20; i++) {
      readAll();
      expect({ ...state(), words: words.held() }).toEqual({ ...before, words: 0 });
    }
    words.stop();
  });

  test('all of it comes back when nothing is prepared any more', () => {
    const fresh = engineOf();
    const prepared = fresh.prepare(shortPrompt(1));
    fresh.compare(prepared, specsOf(...mixes), 0.3);
    expect(fresh.model.store.pool.free).toBeLessThan(fresh.model.store.pool.size);
    fresh.release(prepared);
    expect(fresh.model.store.pool.free).toBe(fresh.model.store.pool.size);
    expect(fresh.model.store.pool.size).toBeGreaterThan(0);
  });
});

test('a lane asks only for tokens for which it has made room, in every head', () => {
  const prepared = engine.prepare(shortPrompt(5, 'later', { turns: 2 }));
  const forward = model.forward.bind(model);
  const seen: number[] = [];
  const spy = vi.spyOn(model, 'forward').mockImplementation((readings: readonly Reading[]) => {
    for (const { cache, tokens } of readings) {
      const newest = range(cache.length, cache.length - tokens.length);
      for (const head of range(16)) expect([...cache.tokens(head).slice(-tokens.length)]).toEqual(newest);
      seen.push(tokens.length);
    }
    return forward(readings);
  });
  compare(engine, prepared, mixes, 0.1);
  spy.mockRestore();
  // The last token of the first answer is read with the second question.
  const [one, two] = prepared.prompt.turns.map(({ tokens }) => tokens.length);
  expect(new Set(seen)).toEqual(new Set([1, one, two! + 1]));
  engine.release(prepared);
});
