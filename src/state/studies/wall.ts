import type { Engine, LaneRun } from '../../engine/engine.ts';
import { parseLane } from '../../engine/lane-spec.ts';
import { logSoftmax } from '../../engine/measure/divergence.ts';
import { beginningPrompt } from '../../engine/prompt.ts';
import type { Question } from '../../engine/world/questions.ts';
import { writeText, type Text } from '../../engine/world/text.ts';
import { defaultsOf, number, type FieldsOf } from '../fields.ts';

/** A rollout of sentences, which stand for frames: a fact comes with the first ones, and is asked about again and again. */
export interface WallView {
  readonly seed: number;
  /** What the memory has room for, in tokens at 16 bits. */
  readonly memory: number;
}

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  memory: number(96, 32, 256, 16),
} as const satisfies FieldsOf<WallView>;

export const wallView = defaultsOf<WallView>(fields);
export const asks = ['seed', 'memory'] as const;

/** Ways to go on, in the order of the essay: all of it; a window; a window into which what leaves it is folded; all of it in few bits. */
export const ways = ['full', 'streaming-llm', 'streaming-llm+merge', 'qvg'] as const;

const length = 512;
/** How often the fact is asked about. */
const visits = 10;

export interface Visit {
  /** Tokens and sentences that had been read. */
  readonly tokens: number;
  readonly frames: number;
  /** Of each way: what it holds, in tokens at 16 bits; what it answers; whether that is right; and how probable its first word was to it. */
  readonly ways: readonly {
    readonly held: number;
    readonly answer: string;
    readonly right: boolean;
    readonly p: number;
  }[];
}

export interface Wall {
  readonly fact: string;
  readonly question: string;
  readonly answer: string;
  readonly visits: readonly Visit[];
}

/** Reads more and more of a text, lets each way keep what it may, and asks about the earliest fact. */
export function* run(engine: Engine, { seed, memory }: WallView): Generator<Wall> {
  const text = writeText(seed, { length, kinds: ['code', 'place', 'liking'] });
  const question = earliest(text);
  const known = {
    fact: text.words.slice(...question.sentence).join(' '),
    question: question.words.join(' '),
    answer: question.answer.join(' '),
  };
  const seen: Visit[] = [];
  for (const tokens of moments(text, question)) {
    seen.push(visit(engine, text, question, tokens, memory));
    yield { ...known, visits: [...seen] };
  }
}

/** The question whose fact stands first, and is never told otherwise. */
const earliest = ({ questions }: Text): Question =>
  questions.reduce((first, one) => (one.sentence[0] < first.sentence[0] ? one : first));

const endsOf = ({ words }: Text) => [...words.keys()].filter((at) => words[at] === '.').map((at) => at + 1);

/** Ends of sentences, the first that of the fact and the last that of the text, about equally far apart. */
function moments(text: Text, { sentence: [, first] }: Question): number[] {
  const ends = endsOf(text).filter((end) => end >= first);
  const steps = Math.min(visits, ends.length) - 1;
  return Array.from({ length: steps + 1 }, (_, i) => ends[Math.round((i * (ends.length - 1)) / Math.max(1, steps))]!);
}

function visit(engine: Engine, text: Text, question: Question, tokens: number, memory: number): Visit {
  const prepared = engine.prepare(beginningPrompt(engine.model.vocabulary, text.words.slice(0, tokens), question));
  const specs = ways.map((way) => parseLane(way).spec);
  const runs = engine.compare(prepared, specs, Math.min(1, memory / tokens));
  const [first] = prepared.prompt.tokenizer.encode(question.answer);
  engine.release(prepared);
  return {
    tokens,
    frames: endsOf(text).filter((end) => end <= tokens).length,
    ways: runs.map((one) => told(one, tokens, first!)),
  };
}

const told = ({ bytes, answer, right, steps }: LaneRun, tokens: number, first: number) => ({
  held: Math.round((10 * tokens * bytes.live) / bytes.full) / 10,
  answer: answer.filter((word) => word !== '.').join(' '),
  right: right === true,
  p: Math.round(1000 * Math.exp(logSoftmax(steps[0]!.logits)[first]!)) / 1000,
});
