import type { Engine } from '../../engine/engine.ts';
import type { Model } from '../../engine/model/model.ts';
import { Tokenizer } from '../../engine/model/tokenizer.ts';
import { cachings, servePool, type Caching, type Pooled } from '../../engine/paging/call-pool.ts';
import { reply, replyAgain, type Replied } from '../../engine/reuse.ts';
import { agentCalls, type PartName } from '../../engine/world/agents.ts';
import { defaultsOf, number, numberOr, oneOf, type FieldsOf } from '../fields.ts';

/** What decides the picture of agents that share a pool. */
export interface AgentsView {
  readonly seed: number;
  /** Tokens that the pool has room for. */
  readonly room: number;
  /** Tokens of a block. */
  readonly size: number;
  readonly caching: Caching;
  /** Calls that have been served. */
  readonly tick: number | 'end';
}

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  // The longest prompt fits whatever the size of the blocks.
  room: number(400, 384, 2048, 16),
  size: number(16, 1, 64, 1),
  caching: oneOf<Caching>('on', cachings),
  tick: numberOr('end', 64),
} as const satisfies FieldsOf<AgentsView>;

export const agentsView = defaultsOf<AgentsView>(fields);

export const asks = ['seed', 'room', 'size'] as const;

export interface AgentCall {
  readonly agent: string;
  readonly turn: number;
  /** Name and words, with a space between two. */
  readonly parts: readonly (readonly [PartName, string])[];
  readonly answer: string;
  readonly right: boolean;
}

/** What became of a call's blocks: `until` as in `Pooled`, in one text, with a star where a block is never lost. */
export interface CallPooled extends Pick<Pooled, 'found' | 'lost' | 'evicted'> {
  readonly until: string;
}

/** What came out when all calls were answered once more, each behind the tokens that it found. */
export interface Checked {
  /** The largest difference of a logit, and how many were compared. */
  readonly apart: number;
  readonly logits: number;
  /** Multiply-accumulates of all calls: behind what was found, and with everything computed. */
  readonly work: number;
  readonly whole: number;
}

export interface AgentsResult {
  readonly calls: readonly AgentCall[];
  readonly pools: Readonly<Record<Caching, readonly CallPooled[]>>;
  readonly checked: Checked | null;
}

/** Lets the model answer all calls, serves them from the pool in three ways, and answers them once more with what the pool had kept. */
export function* run({ model }: Pick<Engine, 'model'>, { seed, room, size }: AgentsView): Generator<AgentsResult> {
  const start = model.work;
  const { calls, replies } = answerAll(model, seed);
  const whole = model.work - start;
  const spoken = replies.map(({ prompt, answer }) => ({ prompt, written: answer.slice(0, -1) }));
  const serve = (caching: Caching) => servePool(spoken, Math.floor(room / size), size, caching);
  const on = serve('on');
  const pools = { off: serve('off').map(pack), on: on.map(pack), oracle: serve('oracle').map(pack) };
  yield { calls, pools, checked: null };
  const before = model.work;
  const found = on.map((one) => one.found);
  const apart = replyAgain(model, replies, found);
  const logits = model.config.vocabulary * replies.reduce((sum, one) => sum + one.answer.length, 0);
  yield { calls, pools, checked: { apart, logits, work: model.work - before, whole } };
}

/** Every call answered with all of its prompt computed. */
function answerAll(model: Model, seed: number): { calls: AgentCall[]; replies: Replied[] } {
  const tokenizer = new Tokenizer(model.vocabulary);
  const calls: AgentCall[] = [];
  const replies: Replied[] = [];
  const session = agentCalls(seed);
  for (let next = session.next(); !next.done;) {
    const { agent, turn, parts, expected } = next.value;
    const one = reply(model, tokenizer.encode(parts.flatMap(({ words }) => words)));
    one.cache.release();
    replies.push(one);
    const words = tokenizer.decode(one.answer);
    const said = parts.map((part) => [part.name, part.words.join(' ')] as const);
    const answer = words.join(' ');
    calls.push({ agent, turn, parts: said, answer, right: answer === expected.join(' ') });
    next = session.next(words);
  }
  return { calls, replies };
}

const pack = ({ until, ...pooled }: Pooled): CallPooled => ({
  ...pooled,
  until: until.map((call) => (call === Infinity ? '*' : call)).join(' '),
});
export const unpackUntil = (text: string): number[] =>
  text.split(' ').map((call) => (call === '*' ? Infinity : Number(call)));
