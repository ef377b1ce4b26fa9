import { describe, expect, test } from 'vitest';
import { growTree, type DrawnNode } from '../../../src/engine/paging/grow-tree.ts';
import { sessionTurns, type SessionTurn } from '../../../src/engine/paging/session-turns.ts';

const turn = (session: string, prompt: string, answer: string): SessionTurn => ({
  session,
  turn: 1,
  again: false,
  prompt: prompt.split(' '),
  answer: answer.split(' '),
});

type Outline = [string, ...Outline[]];
const outline = ({ words, found, computed, children }: DrawnNode): Outline => [
  `${words.join(' ')}${found ? ' *' : ''}${computed ? ' +' : ''}`,
  ...children.map(outline),
];

// Eight tokens of room. The second turn finds "a b" and adds two; the third needs four, of which two are free, and "c x" is what rested longest.
test('what each turn finds, computes and drops', () => {
  const steps = growTree([turn('A', 'a b c', 'x'), turn('B', 'a b d', 'y'), turn('C', 'p q r', 's')], 8, 1);
  expect(steps.map(({ found, computed, free }) => [found, computed, free])).toEqual([
    [0, 4, 4],
    [2, 2, 2],
    [0, 4, 0],
  ]);
  expect(steps.map(({ tree }) => tree.map(outline))).toEqual([
    [['a b c x +']],
    [['a b *', ['c x'], ['d y +']]],
    [['a b', ['d y']], ['p q r s +']],
  ]);
  expect(steps.map(({ dropped }) => dropped.map((words) => words.join(' ')))).toEqual([[], [], ['c x']]);
});

test('a turn that does not fit finds no room, and the next one is served', () => {
  const steps = growTree([turn('A', 'a b c d e f', 'x'), turn('B', 'p', 'q')], 4, 1);
  expect(steps.map(({ found, computed }) => [found, computed])).toEqual([
    [undefined, 0],
    [0, 2],
  ]);
});

describe('sessions', () => {
  const turns = sessionTurns(7);

  test('every prompt begins with all of its session, and a turn that is asked anew with all but that turn', () => {
    const history = new Map<string, string[]>();
    for (const { session, again, prompt, answer } of turns) {
      const past = history.get(session) ?? [];
      const begun = past.at(again ? -2 : -1);
      if (begun) expect(prompt.join(' ').startsWith(begun)).toBe(true);
      if (again) past.pop();
      history.set(session, [...past, [...prompt, ...answer].join(' ')]);
    }
    expect([...history.keys()].sort()).toEqual(['A', 'B', 'C', 'D']);
  });

  test('with room for all, everything that was said before is found but for the last token of what was known to its end', () => {
    const steps = growTree(turns, 2000, 1);
    for (const [i, { turn: now, found }] of steps.entries()) {
      const most = Math.max(
        0,
        ...turns.slice(0, i).map(({ prompt, answer }) => {
          const text = [...prompt, ...answer];
          let common = 0;
          while (common < now.prompt.length - 1 && text[common] === now.prompt[common]) common++;
          return common;
        }),
      );
      expect(found, `turn ${i}`).toBe(most);
    }
  });
});
