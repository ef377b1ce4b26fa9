import type { Lane } from './lane.ts';
import { drive, repeat, type Answers, type Script, type Step } from './live.ts';
import { logSoftmax } from './measure/divergence.ts';
import type { Reading } from './model/model.ts';

/** A word of the text that an answer is owed to. */
export interface Cause {
  readonly position: number;
  /** Nats of log-probability that the answer loses without it: of the answer's words, the one that loses most. */
  readonly loss: number;
}

/** What no head looked at so hard is not tried: it takes a pass to try a word, and a lane reads hundreds. */
const leastLook = 0.15;
const mostTried = 40;
/** What costs less marks nothing: a word of the answer keeps three quarters of its probability. */
export const leastLoss = 0.3;
/** Words that are tried in one pass. */
const atOnce = 8;

/**
 * Which words of the text the answer to the last question is owed to, by leaving them out one at a time: the lane forgets the word in all heads, is made
 * to say what it said, and its words lose probability or do not. Yields between passes, so that whoever waits for nothing more can leave.
 *
 * What a head looks at is no answer to this: heads look at full stops, and at words that change nothing.
 * @param lane that has shrunk and was not asked yet @param answers its own, with where it looked @param text tokens of the text, without the question
 * @returns strongest first
 */
export function* causesOf(
  lane: Lane,
  script: Script,
  answers: Answers,
  text: number,
  forward: (readings: readonly Reading[]) => Float32Array[],
): Generator<undefined, Cause[]> {
  const causes: Cause[] = [];
  const tried = looked(wordsOf(answers, script), text);
  for (let from = 0; from < tried.length; from += atOnce) {
    const some = tried.slice(from, from + atOnce);
    const losses = lossesWithout(lane, some, script, answers, forward);
    some.forEach((position, i) => causes.push({ position, loss: losses[i]! }));
    yield undefined;
  }
  return causes.filter(({ loss }) => loss >= leastLoss).sort((a, b) => b.loss - a.loss || a.position - b.position);
}

/** For whoever waits. */
export function toEnd<T>(search: Generator<unknown, T>): T {
  let step = search.next();
  while (!step.done) step = search.next();
  return step.value;
}

/** The steps of the last answer, but for its full stop: that one comes wherever an answer ends. */
const wordsOf = (answers: Answers, { turns, stop }: Script): Step[] =>
  (answers[turns.length - 1] ?? []).filter(({ token }) => token !== stop);

/** The words of the text that some head looked hard at while the answer was given, hardest first. Nothing is owed to <bos>, where heads rest. */
function looked(steps: readonly Step[], text: number): number[] {
  const peaks = new Float32Array(text);
  for (const { looked: recorder } of steps) {
    const { looks, length } = recorder!;
    for (let row = 0; row < looks.length; row += length) {
      for (let i = 1; i < text; i++) if (looks[row + i]! > peaks[i]!) peaks[i] = looks[row + i]!;
    }
  }
  return [...peaks.keys()]
    .filter((i) => peaks[i]! >= leastLook)
    .sort((a, b) => peaks[b]! - peaks[a]! || a - b)
    .slice(0, mostTried);
}

/** What the answer loses without each of some words, all of them tried in one pass. */
function lossesWithout(
  lane: Lane,
  positions: readonly number[],
  script: Script,
  answers: Answers,
  forward: (readings: readonly Reading[]) => Float32Array[],
): number[] {
  const lanes: Lane[] = [];
  try {
    for (const position of positions) lanes.push(lane.without(position));
    const lives = lanes.map((one) => repeat(one, script, answers));
    const said = drive(
      lives.map((life) => ({ life, first: life.next() })),
      forward,
    );
    return said.map((repeated) => lossOf(wordsOf(answers, script), wordsOf(repeated, script)));
  } finally {
    for (const one of lanes) one.release();
  }
}

const lossOf = (before: readonly Step[], after: readonly Step[]): number =>
  Math.max(
    0,
    ...before.map(({ token, logits }, k) => logSoftmax(logits)[token]! - logSoftmax(after[k]!.logits)[token]!),
  );
