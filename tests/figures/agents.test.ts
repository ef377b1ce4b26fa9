import { expect, test } from 'vitest';
import { cellsOf, runsOf, startsOf, tally, wholeLength } from '../../src/figures/agents.ts';
import type { AgentCall, CallPooled } from '../../src/state/studies/agents.ts';

/** Three words of system, two of tools, four of history in two turns, and two that are new; the answer has two, of which one is in the cache. */
const call: AgentCall = {
  agent: 'A',
  turn: 3,
  parts: [
    ['system', '<bos> it rained'],
    ['tools', 'snow fell'],
    ['history', '. rosa'],
    ['history', 'sang .'],
    ['new', 'omar sang'],
  ],
  answer: 'snow .',
  right: true,
};
// Blocks of three: six tokens were there, three had been, and the fourth block holds the last two of the prompt and one of the answer.
const pooled: CallPooled = { found: 6, lost: 3, evicted: 2, until: '* * 4 3' };

test('what was found is told by the part that it stood in', () => {
  expect(tally([call], [pooled])).toEqual({
    asked: 11,
    found: 6,
    computed: 5,
    again: 3,
    evicted: 2,
    byPart: { system: 3, tools: 2, branch: 0, history: 1, new: 0 },
  });
  expect(tally([], [pooled]).asked).toBe(0);
});

test('blocks of a bar, and which of them are lost after so many calls', () => {
  expect(wholeLength(call)).toBe(12);
  const cells = (served: number) =>
    cellsOf(call, pooled, 3, served).map(({ from, to, doing, gone }) => `${from}-${to} ${doing}${gone ? ' gone' : ''}`);
  expect(cells(3)).toEqual(['0-3 found', '3-6 found', '6-9 again', '9-12 new']);
  expect(cells(4)).toEqual(['0-3 found', '3-6 found', '6-9 again', '9-12 new gone']);
  expect(cells(5)).toEqual(['0-3 found', '3-6 found', '6-9 again gone', '9-12 new gone']);
});

test('the words, cut where the part changes or what is done with them', () => {
  expect(runsOf(call, pooled).map(({ name, doing, text }) => `${name} ${doing}: ${text.trim()}`)).toEqual([
    'system found: It rained',
    'tools found: snow fell',
    'history found: .',
    'history again: Rosa sang.',
    'new new: Omar sang',
  ]);
  expect(startsOf(call)).toEqual([
    { name: 'system', from: 0 },
    { name: 'tools', from: 3 },
    { name: 'history', from: 5 },
    { name: 'new', from: 9 },
  ]);
});
