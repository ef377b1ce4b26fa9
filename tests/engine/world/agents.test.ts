import { describe, expect, test } from 'vitest';
import { agentCalls, type Call } from '../../../src/engine/world/agents.ts';
import { vocabulary } from '../../../src/engine/world/vocabulary.ts';

/** All calls of a session in which every answer is right. */
function session(seed: number): Call[] {
  const calls: Call[] = [];
  const running = agentCalls(seed);
  for (let next = running.next(); !next.done; next = running.next(next.value.expected)) calls.push(next.value);
  return calls;
}

const words = ({ parts }: Call, ...names: string[]) =>
  parts.filter(({ name }) => !names.length || names.includes(name)).map((part) => part.words.join(' '));

describe.each([7, 8])('the session of seed %i', (seed) => {
  const calls = session(seed);

  test('is the same whenever it is asked for, in words that the model knows', () => {
    expect(session(seed)).toEqual(calls);
    const known = new Set(vocabulary);
    for (const call of calls) for (const word of words(call).join(' ').split(' ')) expect(known).toContain(word);
  });

  test('every prompt begins with all that its agent said and heard, and a branch with all of its parent by then', () => {
    const heard = new Map<string, string>();
    for (const call of calls) {
      const before = heard.get(call.agent) ?? heard.get(call.agent[0]!) ?? words(call, 'system', 'tools').join(' ');
      const prompt = words(call).join(' ');
      expect(prompt.startsWith(before)).toBe(true);
      expect(prompt.slice(before.length + 1)).toBe(words(call, 'new').join(' '));
      heard.set(call.agent, `${prompt} ${call.expected.join(' ')}`);
    }
    expect([...heard.keys()].sort()).toEqual(['A', 'Aa', 'Ab', 'Ac', 'B', 'C']);
  });

  test('all have one system text; A with its branches and B have the tools that C has not', () => {
    expect(new Set(calls.map((call) => words(call, 'system')[0])).size).toBe(1);
    const tools = (agent: string) =>
      words(
        calls.find((call) => call.agent === agent)!,
        'tools',
      )[0];
    expect([tools('B'), tools('Ab')]).toEqual([tools('A'), tools('A')]);
    expect(tools('C')).not.toBe(tools('A'));
  });

  test('a branch calls what it has from its parent so, and what it said itself its history', () => {
    const second = calls.find(({ agent, turn }) => agent === 'Aa' && turn === 2)!;
    expect(second.parts.map(({ name }) => name)).toEqual([
      ...['system', 'tools', 'branch', 'branch', 'branch', 'history', 'new'],
    ]);
  });
});
