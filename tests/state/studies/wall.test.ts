import { describe, expect, test } from 'vitest';
import * as study from '../../../src/state/studies/wall.ts';
import { wallView, ways } from '../../../src/state/studies/wall.ts';
import { studyLink } from '../../../src/state/study.ts';
import { engineOf } from '../../engine/harbour.ts';

test('the link of the figure names its text and its memory', () => {
  const link = studyLink(study);
  expect(link.write(wallView)).toBe('v=1&seed=7&memory=96');
  expect(link.read('v=1&seed=7&memory=1000', wallView)).toEqual({
    view: { seed: 7, memory: 256 },
    problems: ['memory: 1000 became 256.'],
  });
});

describe('a rollout', () => {
  const results = [...study.run(engineOf(), { seed: 7, memory: 96 })];
  const { fact, question, answer, visits } = results.at(-1)!;
  const held = (way: (typeof ways)[number]) => visits.map((visit) => visit.ways[ways.indexOf(way)]!.held);

  test('is asked about its earliest fact, from the end of that sentence to the end of the text', () => {
    expect(results.map((result) => result.visits.length)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(fact.startsWith('tara likes')).toBe(true);
    expect([question, answer]).toEqual(['what does tara like ?', 'grapes']);
    expect([visits[0]!.tokens, visits.at(-1)!.tokens]).toEqual([8, 512]);
    const frames = visits.map((visit) => visit.frames);
    expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b));
  });

  test('everything grows by what is read, a window stops at the memory, few bits go on more slowly', () => {
    expect(held('full')).toEqual(visits.map(({ tokens }) => tokens));
    for (const way of ['streaming-llm', 'streaming-llm+merge'] as const)
      expect(held(way)).toEqual(visits.map(({ tokens }) => Math.min(tokens, 96)));
    const cheap = held('qvg');
    expect(cheap).toEqual([...cheap].sort((a, b) => a - b));
    expect(cheap.at(-1)! / 512).toBeLessThan(0.25);
    expect(cheap.at(-1)).toBeGreaterThan(96);
  });

  test('what keeps everything knows the fact to the end; what does not has forgotten it, and the probability says so', () => {
    const end = visits.at(-1)!.ways;
    expect(end.map(({ right }) => right)).toEqual([true, false, false, true]);
    expect(end.map(({ p }) => p > 0.9)).toEqual([true, false, false, true]);
    expect(end[0]!.answer).toBe('grapes');
    for (const { right, p } of visits[0]!.ways) expect([right, p > 0.9]).toEqual([true, true]);
  });
});
