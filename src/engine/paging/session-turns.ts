import { exchange, textsOf } from './request-mix.ts';

/** A turn of a conversation: everything said before, a question, and the answer to it. */
export interface SessionTurn {
  readonly session: string;
  /** 1 for the first. */
  readonly turn: number;
  /** The turn is asked anew, with another question in its place. */
  readonly again: boolean;
  readonly prompt: readonly string[];
  readonly answer: readonly string[];
}

/** Who speaks when: A, B and C begin with the same system text, D with another. A question mark is a turn that is asked anew. */
const order = ['A', 'B', 'A', 'C', 'B', 'A', 'A?', 'D', 'C', 'D', 'B', 'A'] as const;

/** Turns of four sessions, in the order in which a server sees them. Every prompt holds all of its session so far. */
export function sessionTurns(seed: number): SessionTurn[] {
  const texts = textsOf(seed);
  const sessions = new Map<string, { before: readonly string[]; history: readonly string[]; turns: number }>();
  return order.map((who) => {
    const [session, again] = [who[0]!, who.length > 1];
    const text = texts[session === 'D' ? 1 : 0]!;
    const { before, history, turns } = sessions.get(session) ?? { before: text.words, history: text.words, turns: 0 };
    const begun = again ? before : history;
    const { question, answer } = exchange(text, session.charCodeAt(0) + turns + (again ? 1 : 0));
    const turn = { session, turn: again ? turns : turns + 1, again, prompt: [...begun, ...question], answer };
    sessions.set(session, { before: begun, history: [...turn.prompt, ...turn.answer], turns: turn.turn });
    return turn;
  });
}
