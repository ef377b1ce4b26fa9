import { frameBytes, type Frame } from '../engine/timeline.ts';
import type { Shown, ShownLane } from '../state/compare.ts';
import type { View } from '../state/view.ts';
import { causeLevels, headsInView, inkOf } from './ink.ts';
import { answerText, owedText } from './sentence.ts';

export const heldHeads = ({ shape }: Shown) => shape.layers * shape.kvHeads;

/** Whether the last answer stands in full. */
function isSaid({ outcome }: ShownLane, frame: Frame): boolean {
  const turns = outcome?.turns ?? [];
  const said = turns.reduce((sum, { answer }) => sum + answer.length, 0);
  const words = frame.answer.filter((word) => word !== '.').length;
  return outcome !== undefined && frame.phase === 'answer' && words >= said;
}

/** Whether the answer is right, in words; '' while it is being given. */
function verdictOf({ outcome }: ShownLane): string {
  if (!outcome) return '';
  if (outcome.right === undefined) return outcome.sameAsFull ? 'as with the full cache' : 'not as with the full cache';
  return outcome.right ? 'right' : 'wrong';
}

/** What a lane has said in each turn so far. Turns end with a full stop, or where the model stopped. */
function spoken({ outcome }: ShownLane, { answer }: Frame): string[][] {
  const rest = answer.filter((word) => word !== '.');
  const lengths = outcome?.turns.map((turn) => turn.answer.length) ?? [rest.length];
  let at = 0;
  return lengths.map((length) => rest.slice(at, (at += length)));
}

/** What a lane that is about to answer said to the same question in a run before, '' where it did not. Never another lane's answer, or one to another text. */
export function lastAnswer(shown: Shown, { lane, outcome }: ShownLane, answered: Shown | undefined): string {
  if (outcome || answered?.prompt !== shown.prompt) return '';
  const before = answered.lanes.find((one) => one.lane === lane)?.outcome;
  return before ? answerText(before.turns.at(-1)?.answer ?? before.answer, shown.prompt.capitals) : '';
}

/** Share of the slots of a question, known when the cache was compressed, that were given up; 0 before that, and where it is asked later. */
export function questionLost({ prompt, shape }: Shown, { keyBits, phase }: Frame): number {
  const words = prompt.compressedAt - prompt.textLength;
  if (words <= 0 || (phase !== 'ask' && phase !== 'answer')) return 0;
  const heads = shape.layers * shape.kvHeads;
  let held = 0;
  for (let head = 0; head < heads; head++) {
    for (let token = prompt.textLength; token < prompt.compressedAt; token++) {
      held += Number(keyBits[head * shape.tokens + token]! > 0);
    }
  }
  return 1 - held / (words * heads);
}

/** A value that is worked out when it is asked for, and once. */
function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => (done ??= { value: work() }).value;
}

export type Picture = ReturnType<typeof pictureOf>;

/** All that is drawn of a lane at one tick, computed from its frame and from nothing else. */
export function pictureOf(shown: Shown, lane: ShownLane, frame: Frame, view: View) {
  const { prompt, shape, worth } = shown;
  const heads = headsInView(view, heldHeads(shown), shape.kvHeads);
  const said = spoken(lane, frame);
  const stands = isSaid(lane, frame);
  const causes = (stands && lane.causes) || [];
  // Not all of a lane is on the screen, and each word takes its share.
  const ink = once(() => inkOf(frame, shape.tokens, heads, view.ink === 'read' ? worth : undefined));
  const washes = once(() => causeLevels(causes, shape.tokens));
  return {
    prompt,
    shape,
    frame,
    /** Bytes of the full 16-bit cache, and the share of them that is allowed. */
    full: lane.bytes.full,
    events: lane.events,
    ranks: lane.ranks,
    keep: view.keep,
    heads,
    questionLost: questionLost(shown, frame),
    get ink() {
      return ink();
    },
    /** Nothing is owed to a word before the answer stands. */
    get washes() {
      return washes();
    },
    owed: owedText(causes, prompt),
    // The budget is for what is compressed. What is read afterwards, the question and the answer, every lane keeps alike.
    bytes: frameBytes(frame, shape, prompt.compressedAt),
    /** Of earlier turns: what was asked, and what was said. */
    earlier: prompt.turns.slice(0, -1).map((turn, i) => {
      const words = said[i] ?? [];
      const { answer, right } = lane.outcome?.turns[i] ?? {};
      return {
        question: turn.question,
        answer: answerText(words, prompt.capitals),
        // Nothing is wrong before it is said.
        right: words.length === answer?.length ? right : undefined,
      };
    }),
    said: answerText(said.at(-1) ?? [], prompt.capitals),
    verdict: stands ? verdictOf(lane) : '',
  };
}
