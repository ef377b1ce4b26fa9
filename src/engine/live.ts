import { AttentionRecorder } from './attention-recorder.ts';
import type { CacheView } from './layer-view.ts';
import type { Lane, Tiers } from './lane.ts';
import { argmax } from './measure/divergence.ts';
import type { Reading } from './model/model.ts';
import type { Emit } from './events.ts';
import type { Turn } from './prompt.ts';

/** One token of an answer, with the logits that chose it and where its query looked. */
export interface Step {
  readonly token: number;
  readonly logits: Float32Array;
  /** Of steps that a lane chose itself. */
  readonly looked: AttentionRecorder | undefined;
  /** The pass that chose it, in a lane with two memories. */
  readonly tiers: Tiers | undefined;
}

/** The tokens of each turn's answer. */
export type Answers = readonly (readonly Step[])[];

/** What is asked, and how an answer ends. */
export interface Script {
  readonly turns: readonly Turn[];
  readonly stop: number;
  word(token: number): string;
}

/** A lane yields what is to be computed next, and is resumed with the logits of each. */
export type Process<T> = Generator<readonly Reading[], T, readonly Float32Array[]>;

export const longestAnswer = 14;

/** Where a lane stands: in which turn, and what it said there so far. */
interface Place {
  readonly turn: number;
  readonly said: readonly number[];
  /** After the newest token. */
  readonly logits: Float32Array;
  readonly looked: AttentionRecorder | undefined;
  readonly tiers: Tiers | undefined;
}

/** @returns the next token, or undefined to stop here */
type Choice = (logits: Float32Array, turn: number, at: number) => number | undefined;

const greedy: Choice = (logits) => argmax(logits);

/** Says what was said before, whatever it would have said itself: what divergence is measured on. */
const forced =
  (answers: Answers): Choice =>
  (_logits, turn, at) =>
    answers[turn]?.[at]?.token;

/** Goes on by itself for as long as it says the same. */
const agreeing =
  (answers: Answers): Choice =>
  (logits, turn, at) => {
    const token = argmax(logits);
    return token === answers[turn]?.[at]?.token ? token : undefined;
  };

/** Reads one question with what the lane holds, in pieces where it has to see to its memories in between. */
function* ask(
  lane: Lane,
  tokens: readonly number[],
  emit: Emit,
  watched: boolean,
): Process<Omit<Place, 'turn' | 'said'>> {
  const { stride = tokens.length } = lane.plan.retriever;
  for (let from = 0; ; from += stride) {
    const piece = tokens.slice(from, from + stride);
    const last = from + stride >= tokens.length;
    for (let i = 0; i < piece.length; i++) {
      lane.append();
      if (i < piece.length - 1) emit({ type: 'tick', phase: 'ask' });
    }
    const looked = watched && last ? new AttentionRecorder(lane.cache) : undefined;
    const [logits] = yield [lane.reading(piece, looked)];
    const tiers = watched ? lane.tiers(emit) : undefined;
    lane.act('token');
    emit({ type: 'tick', phase: 'ask' });
    if (last) return { logits: logits!, looked, tiers };
  }
}

/**
 * Goes through a script from a place on, saying what `choose` says.
 * @param steps receives every step
 * @returns where it stopped before the end, if it did
 */
function* decode(
  lane: Lane,
  script: Script,
  from: Place,
  choose: Choice,
  steps: Step[][],
  emit: Emit,
  watched: boolean,
): Process<Place | undefined> {
  let { logits, looked, tiers } = from;
  let said = [...from.said];
  for (let turn = from.turn; turn < script.turns.length; turn++) {
    for (;;) {
      const token = choose(logits, turn, said.length);
      if (token === undefined) {
        if (!ended(said, script)) return { turn, said, logits, looked, tiers };
        break;
      }
      said.push(token);
      (steps[turn] ??= []).push({ token, logits, looked, tiers });
      if (looked) emit({ type: 'answer', token, word: script.word(token), attention: looked.summary() });
      emit({ type: 'tick', phase: 'answer' });
      if (ended(said, script)) break;
      lane.append();
      looked = watched ? new AttentionRecorder(lane.cache) : undefined;
      [logits] = (yield [lane.reading([token], looked)]) as [Float32Array];
      tiers = watched ? lane.tiers(emit) : undefined;
      lane.act('token');
    }
    const next = script.turns[turn + 1];
    if (!next) break;
    // The last token of an answer is read with the next question, as its keys and values are missing so far.
    lane.act('turn');
    ({ logits, looked, tiers } = yield* ask(lane, [said.at(-1)!, ...next.tokens], emit, watched));
    said = [];
  }
  return undefined;
}

const ended = (said: readonly number[], { stop }: Script) => said.at(-1) === stop || said.length >= longestAnswer;

/** A lane that has shrunk is made to say what was said before, unseen. @returns the same tokens, with the logits that it has for them */
export function* repeat(lane: Lane, script: Script, answers: Answers): Process<Step[][]> {
  const unseen: Emit = () => {};
  const steps: Step[][] = [];
  const begun = yield* ask(lane, script.turns[0]!.tokens, unseen, false);
  yield* decode(lane, script, { turn: 0, said: [], ...begun }, forced(answers), steps, unseen, false);
  return steps;
}

/** Two processes side by side, each getting the logits of its own readings. */
function* together(a: Process<unknown>, b: Process<unknown>): Process<void> {
  let [left, right] = [a.next(), b.next()];
  while (!left.done || !right.done) {
    const first = left.done ? [] : left.value;
    const logits = yield [...first, ...(right.done ? [] : right.value)];
    if (!left.done) left = a.next(logits.slice(0, first.length));
    if (!right.done) right = b.next(logits.slice(first.length));
  }
}

export interface Lived {
  /** What the lane said by itself. */
  readonly answers: Step[][];
  /** What it would have said at each token of the reference, which it was made to follow; the same steps for as long as the two agree. */
  readonly followed: Step[][];
}

/**
 * One lane, from a read prompt to its last answer. Every lane of a comparison ticks alike, so that one clock drives them all.
 * @param views of the prompt, shared by all lanes
 * @param reference what the full cache answers; without it, this lane is the reference
 * @param shrunk called when the lane has shrunk, before it is asked
 */
export function* live(
  lane: Lane,
  script: Script,
  views: readonly CacheView[],
  reference: Answers | undefined,
  emit: Emit,
  shrunk: () => void = () => {},
): Process<Lived> {
  lane.act('prompt', views, () => emit({ type: 'tick', phase: 'compress' }));
  shrunk();
  const answers: Step[][] = [];
  const begun = yield* ask(lane, script.turns[0]!.tokens, emit, true);
  const start: Place = { turn: 0, said: [], ...begun };
  if (!reference) {
    yield* decode(lane, script, start, greedy, answers, emit, true);
    return { answers, followed: answers };
  }
  const strayed = yield* decode(lane, script, start, agreeing(reference), answers, emit, true);
  if (!strayed) return { answers, followed: answers };
  const followed = answers.map((steps) => [...steps]);
  const shadow = lane.fork();
  yield* together(
    decode(lane, script, strayed, greedy, answers, emit, true),
    decode(shadow, script, strayed, forced(reference), followed, () => {}, false),
  );
  shadow.release();
  return { answers, followed };
}

/** A process that was started, and what it wants computed first. */
export interface Started<T> {
  readonly life: Process<T>;
  readonly first: IteratorResult<readonly Reading[], T>;
}

/** Runs processes to their ends, all their next readings in one pass. @returns what each returned */
export function drive<T>(
  started: readonly Started<T>[],
  forward: (readings: readonly Reading[]) => Float32Array[],
): T[] {
  const states = started.map(({ first }) => first);
  for (;;) {
    const open = states.flatMap((state, i) => (state.done ? [] : [{ i, readings: state.value }]));
    if (!open.length) return states.map((state) => (state as IteratorReturnResult<T>).value);
    const logits = forward(open.flatMap(({ readings }) => readings));
    let at = 0;
    for (const { i, readings } of open) {
      states[i] = started[i]!.life.next(logits.slice(at, (at += readings.length)));
    }
  }
}
