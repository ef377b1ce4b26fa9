import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kind } from '../../../src/engine/world/facts.ts';
import type { Text } from '../../../src/engine/world/text.ts';
import { asked, bare, holding, rulesOf, texts } from './texts.ts';

const talking = fc
  .subarray<Kind>(['code', 'place', 'liking', 'list', 'rule'])
  .map((some): Kind[] => [...some, 'conversation']);

describe('conversations', () => {
  /** Turns after the rules: who speaks, and what. */
  function turnsOf({ words }: Text): { speaker: string; said: string[]; start: number }[] {
    const turns: { speaker: string; said: string[]; start: number }[] = [];
    for (let i = rulesOf(words).at(-1)?.end ?? 1; i < words.length; i++) {
      if (words[i + 1] === ':') turns.push({ speaker: words[i++]!, said: [], start: i + 1 });
      else turns.at(-1)!.said.push(words[i]!);
    }
    return turns;
  }

  test('visitor and keeper take turns, the visitor first, and the keeper ends with thanks', () => {
    fc.assert(
      fc.property(texts({ kinds: talking }), ({ text }) => {
        const turns = turnsOf(text);
        expect(turns.map(({ speaker }) => speaker)).toEqual(turns.map((_, i) => (i % 2 ? 'keeper' : 'visitor')));
        expect(turns.at(-1)).toMatchObject({ speaker: 'keeper', said: ['thank', 'you', '.'] });
        for (const { words } of text.questions)
          expect([words.slice(0, 2), words.slice(-2)]).toEqual([
            ['visitor', ':'],
            ['keeper', ':'],
          ]);
      }),
      { numRuns: 100 },
    );
  });

  test('the keeper answers what holds by then, and no question is asked twice', () => {
    let followed = 0;
    let answered = 0;
    fc.assert(
      fc.property(texts({ kinds: talking, length: fc.integer({ min: 200, max: 1024 }) }), ({ text }) => {
        const keys = text.questions.map(({ words }) => asked(bare(words))!).map(({ kind, key }) => `${kind} ${key}`);
        const turns = turnsOf(text);
        let last: ReturnType<typeof asked>;
        turns.forEach(({ said, start }, i) => {
          if (said.at(-1) !== '?') {
            last = i % 2 ? last : undefined;
            return;
          }
          const also = said[0] === 'and';
          const about: ReturnType<typeof asked> = also ? { kind: last!.kind, key: said.at(-2)! } : asked(said);
          const fact = holding(text.words, start).get(`${about!.kind} ${about!.key}`)!;
          const ruled = rulesOf(text.words).some(({ kind, key }) => kind === about!.kind && key === about!.key);
          expect(turns[i + 1]!.said).toEqual([...(ruled ? ['secret'] : fact.answer), '.']);
          keys.push(`${about!.kind} ${about!.key}`);
          followed += Number(also);
          answered++;
          last = about;
        });
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 100, seed: 1 },
    );
    expect({ answered: answered > 100, followed: followed > 10 }).toEqual({ answered: true, followed: true });
  });
});
