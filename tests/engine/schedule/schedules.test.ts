import { describe, expect, test } from 'vitest';
import { afterPrompt } from '../../../src/engine/schedule/after-prompt.ts';
import { betweenTurns } from '../../../src/engine/schedule/between-turns.ts';
import { every } from '../../../src/engine/schedule/every.ts';
import { isSet } from '../../../src/engine/events.ts';
import { compare, engineOf, shortPrompt } from '../harbour.ts';
import { forkOf, laneOf, range } from '../lanes.ts';

/** A prompt of 100 tokens, of which 40 were read since the lane last shrank. */
const clock = { read: 160, since: 40, prompt: 100 };

describe('when it is time, and what the budget is then a share of', () => {
  test('after the prompt, once', () => {
    const { due } = afterPrompt.make({});
    expect(due({ moment: 'prompt', ...clock })).toBe(100);
    expect(due({ moment: 'token', ...clock })).toBeUndefined();
    expect(due({ moment: 'turn', ...clock })).toBeUndefined();
  });

  test('every n tokens, of the prompt', () => {
    const due = (n: number, moment: 'prompt' | 'token' | 'turn', since: number) =>
      every.make({ n, growing: false }).due({ ...clock, moment, since });
    expect(due(40, 'prompt', 0)).toBe(100);
    expect([39, 40, 41].map((since) => due(40, 'token', since))).toEqual([undefined, 100, 100]);
    expect(due(40, 'turn', 41)).toBeUndefined();
  });

  test('every n tokens, of all that was read', () => {
    const { due } = every.make({ n: 40, growing: true });
    expect(due({ moment: 'prompt', read: 100, since: 0, prompt: 100 })).toBe(100);
    expect(due({ moment: 'token', ...clock })).toBe(160);
    expect(due({ moment: 'token', ...clock, since: 39 })).toBeUndefined();
  });

  test('between turns, of all that was read', () => {
    const { due } = betweenTurns.make({});
    expect(due({ moment: 'prompt', read: 100, since: 0, prompt: 100 })).toBe(100);
    expect(due({ moment: 'token', ...clock })).toBeUndefined();
    expect(due({ moment: 'turn', ...clock })).toBe(160);
  });
});

// A prompt of 128 tokens at 25%: 32 entries a head. Four sinks and the newest 28 can be written down.
describe('on the model', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(7));
  const word = prepared.prompt.tokens[5]!;
  const sinks = [0, 1, 2, 3];
  const at = (spec: string) => laneOf(engine, prepared, spec, 0.25);

  const lengths = (lane: ReturnType<typeof at>) => new Set(range(0, 16).map((head) => lane.held(head).length));

  test('after the prompt: what comes later stays', () => {
    const lane = at('streaming-llm');
    expect(lane.held()).toEqual([...sinks, ...range(100, 128)]);
    for (let i = 0; i < 40; i++) lane.read(word);
    lane.lane.act('turn');
    expect(lane.held(15)).toEqual([...sinks, ...range(100, 168)]);
  });

  test('every 4: shrinks at the fourth token, and again at the eighth', () => {
    const lane = at('streaming-llm+every(4)');
    expect(lane.held()).toEqual([...sinks, ...range(100, 128)]);
    const seen = range(0, 9).map(() => {
      lane.read(word);
      expect(lengths(lane).size).toBe(1);
      return lane.held(9);
    });
    expect(seen.map(({ length }) => length)).toEqual([33, 34, 35, 32, 33, 34, 35, 32, 33]);
    expect(seen[2]).toEqual([...sinks, ...range(100, 131)]);
    expect(seen[3]).toEqual([...sinks, ...range(104, 132)]);
    expect(seen[7]).toEqual([...sinks, ...range(108, 136)]);
  });

  // A quarter of 132 is 33, and of 136 is 34.
  test('every 4, growing: the budget grows with what was read', () => {
    const lane = at('streaming-llm+every(4,growing=true)');
    for (let i = 0; i < 4; i++) lane.read(word);
    expect(lane.held()).toEqual([...sinks, ...range(103, 132)]);
    for (let i = 0; i < 4; i++) lane.read(word);
    expect(lane.held(5)).toEqual([...sinks, ...range(106, 136)]);
  });

  test('every 1: never holds more between two steps', () => {
    const lane = at('streaming-llm+every(1)');
    for (let i = 0; i < 5; i++) {
      lane.read(word);
      expect(lane.held(3)).toEqual([...sinks, ...range(101 + i, 129 + i)]);
    }
  });

  // Six at once are read with all that is held, and then it shrinks by all of them; the count begins again.
  test('every 4: a question comes at once', () => {
    const lane = at('streaming-llm+every(4)');
    lane.read(word, word);
    expect(lane.held()).toHaveLength(34);
    lane.read(...new Array<number>(6).fill(word));
    expect(lane.held()).toEqual([...sinks, ...range(108, 136)]);
    lane.read(word, word, word);
    expect(lane.held()).toHaveLength(35);
  });

  test('every 4: a lane that is forked goes on counting', () => {
    const lane = at('streaming-llm+every(4)');
    for (let i = 0; i < 5; i++) lane.read(word);
    expect(lane.held()).toEqual([...sinks, ...range(104, 133)]);
    const fork = forkOf(engine, lane);
    // It shrank one token ago, so that it is due in three.
    const seen = range(0, 4).map(() => {
      fork.read(word);
      return fork.held().length;
    });
    expect(seen).toEqual([34, 35, 32, 33]);
    expect(fork.held()).toEqual([...sinks, ...range(108, 137)]);
    expect(lane.held()).toHaveLength(33);
  });

  // The newest tokens score: what has just been read competes with what was kept. 34 are held when the rule is asked, and 32 stay.
  test('every 2: the rule scores what is held then', () => {
    const lane = at('inverted(streaming-llm(sinks=0))+every(2)');
    expect(lane.held()).toEqual(range(0, 32));
    lane.read(word, word);
    expect(lane.held()).toEqual(range(0, 32));
    const recent = at('streaming-llm(sinks=0)+every(2)');
    recent.read(word, word);
    expect(recent.held()).toEqual(range(98, 130));
  });

  // A quarter of 140 is 35, and of 143 trunc(35.75).
  test('between turns: the budget is the same share of all that was read', () => {
    const lane = at('streaming-llm+between-turns');
    for (let i = 0; i < 12; i++) lane.read(word);
    expect(lane.held()).toEqual([...sinks, ...range(100, 140)]);
    lane.lane.act('turn');
    expect(lane.held()).toEqual([...sinks, ...range(109, 140)]);
    lane.read(word, word, word);
    lane.lane.act('turn');
    expect(lane.held()).toEqual([...sinks, ...range(112, 143)]);
    expect(lengths(lane)).toEqual(new Set([35]));
  });

  test('between turns: acts between one answer and the next question, and no more', () => {
    const several = engine.prepare(shortPrompt(7, 'later', { turns: 3 }));
    const [run] = compare(engine, several, ['streaming-llm+between-turns'], 0.25);
    expect(run!.turns).toHaveLength(3);
    const cuts = run!.events.flatMap((event) => (event.type === 'retain' && event.layer === 2 ? [event.held[1]!] : []));
    // What was read by then: the prompt, and each question with its answer but for the last token, which is read with the next one.
    let read = 128;
    const wanted = run!.turns.map(({ steps }, turn) => {
      const share = Math.trunc(0.25 * read);
      const held = [...sinks, ...range(read - share + 4, read)];
      read += several.prompt.turns[turn]!.tokens.length + steps.length - Number(turn === 0);
      return held;
    });
    expect(cuts.map((mask) => range(0, 8 * mask.length).filter((token) => isSet(mask, token)))).toEqual(wanted);
  });
});
