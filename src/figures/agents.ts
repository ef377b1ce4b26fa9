import type { PartName } from '../engine/world/agents.ts';
import { partNames } from '../engine/world/agents.ts';
import { prose } from '../engine/world/prose.ts';
import { unpackUntil, type AgentCall, type CallPooled } from '../state/studies/agents.ts';

/** What a call does with a token of its prompt: finds it, computes what was computed before, or computes what nobody had. */
export type Doing = 'found' | 'again' | 'new';

export const doingAt = ({ found, lost }: CallPooled, token: number): Doing =>
  token < found ? 'found' : token < found + lost ? 'again' : 'new';

const countOf = (words: string) => words.split(' ').length;
export const promptLength = ({ parts }: AgentCall) => parts.reduce((sum, [, words]) => sum + countOf(words), 0);
/** With what is written of the answer: all but its last token. */
export const wholeLength = (call: AgentCall) => promptLength(call) + countOf(call.answer) - 1;

export interface Tally {
  readonly asked: number;
  readonly found: number;
  readonly computed: number;
  /** Of those, tokens that had been computed before. */
  readonly again: number;
  readonly evicted: number;
  readonly byPart: Readonly<Record<PartName, number>>;
}

/** Prompt tokens of some calls, and what became of them. */
export function tally(calls: readonly AgentCall[], pooled: readonly CallPooled[]): Tally {
  const sum = (of: (one: CallPooled) => number) => pooled.slice(0, calls.length).reduce((all, one) => all + of(one), 0);
  const byPart = Object.fromEntries(partNames.map((name) => [name, 0])) as Record<PartName, number>;
  calls.forEach((call, i) => {
    let left = pooled[i]!.found;
    for (const [name, words] of call.parts) {
      const here = Math.min(left, countOf(words));
      byPart[name] += here;
      left -= here;
    }
  });
  const asked = calls.reduce((all, call) => all + promptLength(call), 0);
  const found = sum((one) => one.found);
  return {
    asked,
    found,
    computed: asked - found,
    again: sum((one) => one.lost),
    evicted: sum((one) => one.evicted),
    byPart,
  };
}

/** A block of a call's bar: which tokens, what the call did with it, and whether it can still be found after `served` calls. */
export interface Cell {
  readonly from: number;
  readonly to: number;
  readonly doing: Doing;
  readonly gone: boolean;
}

export const cellsOf = (call: AgentCall, pooled: CallPooled, size: number, served: number): Cell[] =>
  unpackUntil(pooled.until).map((until, i) => ({
    from: i * size,
    to: Math.min((i + 1) * size, wholeLength(call)),
    doing: doingAt(pooled, i * size),
    gone: until < served,
  }));

/** Where each kind of part begins in a prompt. */
export function startsOf({ parts }: AgentCall): { name: PartName; from: number }[] {
  let from = 0;
  return parts.flatMap(([name, words], i) => {
    const start = from;
    from += countOf(words);
    return parts[i - 1]?.[0] === name ? [] : [{ name, from: start }];
  });
}

/** Words of a part that a call treats alike, as prose. */
export interface Run {
  readonly name: PartName;
  readonly doing: Doing;
  readonly text: string;
}

export function runsOf({ parts }: AgentCall, pooled: CallPooled): Run[] {
  const names = parts.flatMap(([name, words]) => words.split(' ').map(() => name));
  const runs: { name: PartName; doing: Doing; text: string }[] = [];
  prose(parts.flatMap(([, words]) => words.split(' '))).forEach(({ text, space }, token) => {
    const [name, doing] = [names[token]!, doingAt(pooled, token)];
    const last = runs.at(-1);
    if (last?.name === name && last.doing === doing) last.text += (space ? ' ' : '') + text;
    else runs.push({ name, doing, text });
  });
  return runs;
}
