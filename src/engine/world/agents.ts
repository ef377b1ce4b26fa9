import { pick, seeded, type Random } from '../random.ts';
import { makers, type Fact, type FactKind } from './facts.ts';
import { filler } from './filler.ts';
import { asking, ruling, secret } from './questions.ts';

/** Why words stand in an agent's prompt. A branch begins with all that its parent had said by then. */
export const partNames = ['system', 'tools', 'branch', 'history', 'new'] as const;
export type PartName = (typeof partNames)[number];

export interface Part {
  readonly name: PartName;
  readonly words: readonly string[];
}

/** An agent calls the model: with all it has said and heard so far, and something new. */
export interface Call {
  /** A letter; a branch has its parent's letter and one of its own. */
  readonly agent: string;
  /** 1 for the agent's first. */
  readonly turn: number;
  /** The prompt, in order; it begins with <bos>. */
  readonly parts: readonly Part[];
  /** The right answer, with its full stop. */
  readonly expected: readonly string[];
}

interface Agent {
  readonly turns: number;
  readonly parts: readonly Part[];
  readonly known: readonly Fact[];
}

/** Who calls when. A, with its branches Aa, Ab and Ac, and B have one set of tools, C has another. */
const order = ['A', 'B', 'A', 'C', 'A', 'Aa', 'Ab', 'Ac', 'B', 'C', 'Aa', 'C', 'Ab', 'B', 'A', 'Ac', 'A', 'C'] as const;

const said = (words: readonly string[]) => ['visitor', ':', ...words, 'keeper', ':', 'thank', 'you', '.'];

/**
 * Calls of several agents in the order in which a server sees them: the same system text for all, tools that some share, and turns in which something is
 * told and something is asked. Resumed with the words of each answer, which are part of the agent's history from then on.
 */
export function* agentCalls(seed: number): Generator<Call, void, readonly string[]> {
  const random = seeded(seed);
  const { begin, news } = town(random);
  const agents = new Map<string, Agent>();
  for (const [i, name] of order.entries()) {
    const { turns, parts, known } = agents.get(name) ?? branchOf(agents.get(name.charAt(0))) ?? begin(name);
    const told = news[i]!;
    const facts = [...known, told];
    const { kind, key, answer } = pick(random, holding(facts));
    const words = [...said(told.sentence), 'visitor', ':', ...asking[kind](key), 'keeper', ':'];
    const expected = [...answer, '.'];
    const wrote = yield { agent: name, turn: turns + 1, parts: [...parts, { name: 'new', words }], expected };
    const history = { name: 'history', words: [...words, ...wrote] } as const;
    agents.set(name, { turns: turns + 1, parts: [...parts, history], known: facts });
  }
}

const branchOf = (parent: Agent | undefined): Agent | undefined =>
  parent && {
    ...parent,
    turns: 0,
    parts: parent.parts.map(({ name, words }) => ({ name: name === 'history' ? 'branch' : name, words })),
  };

/** Of facts about one key the latest. */
const holding = (facts: readonly Fact[]): Fact[] => [
  ...new Map(facts.map((fact) => [`${fact.kind} ${fact.key}`, fact])).values(),
];

/** What all agents are told first, what the tools of each hold, and what happens, a sentence for each call. */
function town(random: Random): { begin: (agent: string) => Agent; news: readonly Fact[] } {
  const draw = (kind: FactKind, count: number) => makers[kind](random, count, false);
  const codes = draw('code', 6);
  const likings = draw('liking', 12);
  const carried = draw('place', 24);
  const [common, news] = [carried.slice(0, 4), carried.slice(4)];
  const rule = ruling.code(codes[0]!.key);
  const sentences = common.flatMap(({ sentence }) => sentence);
  const system = ['<bos>', ...rule, ...said([...sentences, ...fillers(random, 40)])];
  // The rule forbids to tell the first code.
  const told = codes.map((fact, i) => (i ? fact : { ...fact, answer: secret }));
  const begin = (agent: string): Agent => {
    const tools = agent === 'C' ? likings : told;
    const words = said(tools.flatMap(({ sentence }) => sentence));
    return {
      turns: 0,
      parts: [
        { name: 'system', words: system },
        { name: 'tools', words },
      ],
      known: [...common, ...tools],
    };
  };
  return { begin, news };
}

/** Sentences without facts, `room` words in all. */
function fillers(random: Random, room: number): string[] {
  const words: string[] = [];
  while (words.length < room) words.push(...filler(random, room - words.length));
  return words;
}
