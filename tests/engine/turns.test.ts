import { describe, expect, test } from 'vitest';
import { KVCache } from '../../src/engine/cache/kv-cache.ts';
import type { Prepared } from '../../src/engine/engine.ts';
import { argmax } from '../../src/engine/measure/divergence.ts';
import { seededPrompt } from '../../src/engine/prompt.ts';
import { heldTokens, Timeline } from '../../src/engine/timeline.ts';
import { range, stepFacts } from './facts.ts';
import { shapeOf } from './films.ts';
import { compare, config, engineOf, shortPrompt, vocabulary } from './harbour.ts';

const engine = engineOf();
const { model } = engine;
const lanes = [
  'full',
  'random',
  'snapkv',
  'h2o+kivi(bits=4)',
  'adakv(knorm)+every(n=5)+merge',
  'tova+between-turns+compact',
  'quest(top=2)',
];

/** Reads everything anew, from the first token on. */
function nextToken(tokens: readonly number[]): number {
  const cache = new KVCache(model.store);
  cache.append(tokens.length);
  const [logits] = model.forward([{ cache, tokens }]);
  cache.release();
  return argmax(logits!);
}

/** The full cache's answers to one question after the other: text, question, answer, question, ... */
function askInSequence({ prompt }: Prepared): number[][] {
  const tokens = prompt.tokens.slice(0, prompt.compressedAt);
  return prompt.turns.map((turn) => {
    tokens.push(...turn.tokens);
    const answer: number[] = [];
    do {
      answer.push(nextToken(tokens));
      tokens.push(answer.at(-1)!);
    } while (answer.at(-1) !== config.stop && answer.length < 14);
    return answer;
  });
}

describe.each([
  [5, 'later'],
  [6, 'visible'],
] as const)('three questions on text %i, the first %s', (seed, when) => {
  const prepared = engine.prepare(shortPrompt(seed, when, { turns: 3 }));
  const { prompt } = prepared;

  test('the full cache says what it says when all is read anew for each token', () => {
    const [full] = compare(engine, prepared, ['full'], 0.3);
    expect(full!.turns.map(({ steps }) => steps.map(({ token }) => token))).toEqual(askInSequence(prepared));
    expect(full!.turns.every(({ sameAsFull }) => sameAsFull)).toBe(true);
  });

  test('the first of three is what is said when nothing follows, to the last bit', () => {
    const alone = engine.prepare(shortPrompt(seed, when));
    // Who knows what comes knows what else comes.
    const blind = lanes.filter((lane) => !lane.includes('oracle'));
    const [three, one] = [prepared, alone].map((each) => compare(engine, each, blind, 0.2));
    three!.forEach((run, i) => {
      expect(run.turns).toHaveLength(3);
      expect(one![i]!.turns).toHaveLength(1);
      expect(run.turns[0]!.steps.map(stepFacts)).toEqual(one![i]!.steps.map(stepFacts));
      expect({ ...run.turns[0], steps: [] }).toEqual({ ...one![i]!.turns[0], steps: [] });
      expect([run.kept, run.bytes]).toEqual([one![i]!.kept, one![i]!.bytes]);
      expect(run.work.decode).toBeGreaterThan(one![i]!.work.decode);
    });
    engine.release(alone);
  });

  test('each turn is judged by its own question; what is said of the answer is said of the last', () => {
    for (const run of compare(engine, prepared, lanes, 0.1)) {
      run.turns.forEach((turn, i) => {
        expect(turn.right).toBe(turn.answer.join(' ') === prompt.turns[i]!.expected!.join(' '));
        const reference = prepared.full.answers[i]!.map(({ token }) => token);
        expect(turn.sameAsFull).toBe(turn.steps.map(({ token }) => token).join() === reference.join());
        expect(turn.answer).toEqual(
          prompt.tokenizer.decode(turn.steps.map(({ token }) => token).filter((token) => token !== config.stop)),
        );
      });
      const { steps, answer, right, sameAsFull } = run;
      expect({ steps, answer, right, sameAsFull }).toEqual(run.turns.at(-1));
    }
  });

  test('a lane ticks through each question and each answer in turn', () => {
    const shape = shapeOf(prompt);
    for (const run of compare(engine, prepared, lanes, 0.2)) {
      const { phases } = new Timeline(run.events, shape, prepared.prefix.events);
      expect(phases.slice(Math.ceil(prompt.compressedAt / 16))).toEqual([
        ...range(4).map(() => 'compress'),
        ...run.turns.flatMap(({ steps }, i) => [
          // The last token of an answer is read with the next question.
          ...range(prompt.turns[i]!.tokens.length + Number(i > 0)).map(() => 'ask'),
          ...steps.map(() => 'answer'),
        ]),
      ]);
    }
  });
});

test('turns are right and wrong, and a lane may be right in one and wrong in the next', () => {
  const verdicts = [5, 6, 7, 8].map((seed) => {
    const prepared = engine.prepare(shortPrompt(seed, 'later', { turns: 3 }));
    const all = compare(engine, prepared, ['full', 'random', 'snapkv'], 0.3).map(({ turns }) =>
      turns.map(({ right }) => right),
    );
    engine.release(prepared);
    return all;
  });
  expect(verdicts.flat().some((turns) => turns.includes(true) && turns.includes(false))).toBe(true);
});

// The prompt has 128 tokens, of which a quarter is 32. By the time of a question R tokens were read, and the budget is the same share of them.
describe('between turns', () => {
  const prepared = engine.prepare(shortPrompt(5, 'later', { turns: 3 }));
  const { prompt } = prepared;
  const shape = shapeOf(prompt);

  /** For each turn but the first: tokens read and held in each head before its question, and held when its first token has come in. */
  function atTurns(lane: string) {
    const [run] = compare(engine, prepared, [lane], 0.25);
    const timeline = new Timeline(run!.events, shape, prepared.prefix.events);
    return [1, 2].map((turn) => {
      const before = run!.turns
        .slice(0, turn)
        .reduce((ticks, { steps }, i) => ticks + prompt.turns[i]!.tokens.length + Number(i > 0) + steps.length, 8 + 4);
      const [end, next] = [timeline.seek(before), timeline.seek(before + 1)];
      expect([end.phase, next.phase]).toEqual(['answer', 'ask']);
      const held = (frame: typeof end) => range(16).map((head) => heldTokens(frame, shape.tokens, head).length);
      return { read: end.read, before: held(end), after: held(next) };
    });
  }

  test('a lane shrinks to its share of all that was read, in every head', () => {
    const turns = atTurns('streaming-llm+between-turns');
    let budget = 32;
    let read = 128;
    for (const turn of turns) {
      expect(turn.before).toEqual(range(16).map(() => budget + turn.read - read));
      budget = Math.trunc(turn.read / 4);
      read = turn.read;
      expect(turn.after).toEqual(range(16).map(() => budget + 1));
      expect(turn.after[0]).toBeLessThan(turn.before[0]!);
    }
    expect(budget).toBeGreaterThan(32);
  });

  test('one that only acts after the prompt does not', () => {
    for (const { read, before, after } of atTurns('streaming-llm')) {
      expect(before).toEqual(range(16).map(() => 32 + read - 128));
      expect(after).toEqual(before.map((held) => held + 1));
    }
  });

  // Held are 32 when the question has been read, 32 when the first token is said, and then one more for each token that is read, until the third is.
  test('a lane that acts every three tokens shrinks after each third one, to its share of the prompt', () => {
    const listed = engine.prepare(seededPrompt(vocabulary, 6, { length: 128 }, 1, 'later'));
    const [run] = compare(engine, listed, ['streaming-llm+every(n=3)'], 0.25);
    const timeline = new Timeline(run!.events, shapeOf(listed.prompt), listed.prefix.events);
    const begun = 8 + 4 + listed.prompt.turns[0]!.tokens.length;
    const held = range(11).map((k) => heldTokens(timeline.seek(begun + k), timeline.tokens, 0).length);
    expect(held).toEqual([32, 32, 33, 34, 32, 33, 34, 32, 33, 34, 32]);
    expect(run!.steps.length).toBeGreaterThanOrEqual(11);
    engine.release(listed);
  });
});
