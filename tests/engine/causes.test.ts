/** What an answer is owed to, on the shipped model. Which words those are is up to the weights: what must hold of any is tested on single runs, the rest on many. */
import { describe, expect, test, vi } from 'vitest';
import { toEnd, type Cause } from '../../src/engine/causes.ts';
import type { LaneRun, Prepared } from '../../src/engine/engine.ts';
import { drive, repeat } from '../../src/engine/live.ts';
import { logSoftmax } from '../../src/engine/measure/divergence.ts';
import { seededPrompt, type Prompt } from '../../src/engine/prompt.ts';
import { range, stepFacts } from './facts.ts';
import { compare, config, engineOf, shortPrompt, vocabulary } from './harbour.ts';
import { laneOf } from './lanes.ts';

const engine = engineOf();
const { pool, heap } = engine.model.store;

const causesOf = (prepared: Prepared, run: LaneRun, keep: number): Cause[] => toEnd(engine.causes(prepared, run, keep));

const codePrompt = (seed: number): Prompt =>
  seededPrompt(vocabulary, seed, { length: 256, kinds: ['code'] }, 0, 'later');

/** Runs one lane on many texts, each asked for a code. */
const onTexts = (lane: string, keep: number, seeds: number) =>
  range(seeds, 1).map((seed) => {
    const prepared = engine.prepare(codePrompt(seed));
    const [run] = compare(engine, prepared, [lane], keep);
    const causes = causesOf(prepared, run!, keep);
    engine.release(prepared);
    return { prompt: prepared.prompt, run: run!, causes };
  });

const share = (all: readonly boolean[]) => all.filter(Boolean).length / all.length;

test('a right answer of the full cache is owed to its own words, and to little else', () => {
  const right = onTexts('full', 1, 12).filter(({ run }) => run.right);
  expect(right.length).toBeGreaterThan(8);
  const own = right.map(({ prompt, causes }) => {
    const { needed, sentence, answer } = prompt.turns[0]!.question;
    const [start, end] = sentence!;
    return {
      top: needed!.some((at) => at === causes[0]?.position && answer!.includes(prompt.words[at]!)),
      all: causes.every(({ position }) => position >= start && position < end),
      few: causes.length <= 4,
    };
  });
  expect(share(own.map(({ top }) => top))).toBeGreaterThan(0.85);
  expect(share(own.map(({ all }) => all))).toBeGreaterThan(0.85);
  expect(share(own.map(({ few }) => few))).toBeGreaterThan(0.85);
});

test('a lane that lost the fact and says another one owes its answer to that one', () => {
  const mistaken = onTexts('streaming-llm', 0.5, 30).flatMap(({ prompt, run, causes }) => {
    const { words, textLength } = prompt;
    const isSaid = (at: number) => run.answer.every((word, k) => words[at + k] === word);
    const from = range(textLength).find(isSaid);
    const named = ({ position }: Cause) => position >= from! && position < from! + run.answer.length;
    return run.right || from === undefined ? [] : [causes.slice(0, 1).some(named)];
  });
  expect(mistaken.length).toBeGreaterThan(3);
  expect(share(mistaken)).toBeGreaterThan(0.7);
});

const lanes = [
  'full',
  'snapkv',
  'h2o+kivi(bits=2)',
  'adakv(knorm)+every(n=3)+merge',
  'tova+between-turns+compact',
  'pyramid(h2o)+rerotate',
  'quest(top=2)',
  'per-layer',
];

describe.each([
  [5, 'later', 1],
  [6, 'visible', 3],
] as const)('text %i, the question %s, %i in all', (seed, when, turns) => {
  const prepared = engine.prepare(shortPrompt(seed, when, { turns }));
  const { prompt, script } = prepared;
  const runs = compare(engine, prepared, lanes, 0.3);
  const forward = engine.model.forward.bind(engine.model);

  test('a lane that is made to say what it said says it as before, to the last bit', () => {
    for (const run of runs) {
      const { lane } = laneOf(engine, prepared, run.lane, 0.3);
      const life = repeat(
        lane,
        script,
        run.turns.map(({ steps }) => steps),
      );
      const [steps] = drive([{ life, first: life.next() }], forward);
      lane.release();
      const said = (all: typeof steps) =>
        all!.map((turn) => turn.map((step) => ({ ...stepFacts(step), looks: '', read: '' })));
      expect(said(steps), run.lane).toEqual(said(run.turns.map((turn) => [...turn.steps])));
    }
  });

  test('what a word costs is what its lane says without it', () => {
    for (const run of runs) {
      for (const { position, loss } of causesOf(prepared, run, 0.3).slice(0, 2)) {
        const alone = laneOf(engine, prepared, run.lane, 0.3);
        const lane = alone.lane.without(position);
        for (let head = 0; head < config.layers * config.kvHeads; head++) {
          const others = [...alone.lane.cache.tokens(head)].filter((token) => token !== position);
          expect([...lane.cache.tokens(head)]).toEqual(others);
        }
        const read = (tokens: readonly number[]) => {
          for (const _ of tokens) lane.append();
          const [logits] = forward([lane.reading(tokens)]);
          lane.act('token');
          return logits!;
        };
        const losses = run.turns.flatMap(({ steps }, turn) => {
          if (turn) lane.act('turn');
          const before = turn ? [run.turns[turn - 1]!.steps.at(-1)!.token] : [];
          let logits = read([...before, ...prompt.turns[turn]!.tokens]);
          return steps.map(({ token, logits: whole }, k) => {
            const lost = logSoftmax(whole)[token]! - logSoftmax(logits)[token]!;
            if (k < steps.length - 1) logits = read([token]);
            return turn === turns - 1 && token !== config.stop ? lost : 0;
          });
        });
        expect(loss, run.lane).toBeCloseTo(Math.max(...losses), 9);
        lane.release();
        alone.lane.release();
      }
    }
  });

  test('names words of the text that the lane holds, each once, the strongest first, and the same ones every time', () => {
    for (const run of runs) {
      const causes = causesOf(prepared, run, 0.3);
      const held = new Set(run.kept.flatMap((heads) => heads.flatMap((tokens) => [...tokens])));
      for (const { position, loss } of causes) {
        expect(position > 0 && position < prompt.textLength && held.has(position), run.lane).toBe(true);
        expect(loss).toBeGreaterThanOrEqual(0.3);
      }
      expect(new Set(causes.map(({ position }) => position)).size).toBe(causes.length);
      expect(causes.map(({ loss }) => loss)).toEqual(causes.map(({ loss }) => loss).sort((a, b) => b - a));
      expect(causesOf(prepared, run, 0.3)).toEqual(causes);
    }
    expect(runs.some((run) => causesOf(prepared, run, 0.3).length > 0)).toBe(true);
  });

  test('changes no run, and gives its memory back, also when nobody waits for the end', () => {
    // The pool grows once, to as many blocks as eight lanes need.
    for (const run of runs) causesOf(prepared, run, 0.3);
    const [take, give] = [vi.spyOn(heap, 'take'), vi.spyOn(heap, 'give')];
    const sum = (words: readonly number[]) => words.reduce((a, b) => a + b, 0);
    const held = () => [
      pool.size,
      pool.free,
      sum(take.mock.calls.map(([words]) => words)) - sum(give.mock.calls.map(([, words]) => words)),
    ];
    const before = held();
    for (const run of runs) {
      causesOf(prepared, run, 0.3);
      expect(held(), run.lane).toEqual(before);
      const search = engine.causes(prepared, run, 0.3);
      search.next();
      search.return([]);
      expect(held(), run.lane).toEqual(before);
    }
    expect(take).toHaveBeenCalled();
    vi.restoreAllMocks();
    const steps = (all: readonly LaneRun[]) => all.map((run) => run.steps.map(stepFacts));
    expect(steps(compare(engine, prepared, lanes, 0.3))).toEqual(steps(runs));
  });
});

test('an empty cache owes nothing to any word', () => {
  const prepared = engine.prepare(shortPrompt(5));
  const [run] = compare(engine, prepared, ['snapkv'], 0);
  expect(causesOf(prepared, run!, 0)).toEqual([]);
  engine.release(prepared);
  expect(() => causesOf(prepared, run!, 0)).toThrow('given back');
});
