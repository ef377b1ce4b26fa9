/** Runs written down by hand, for what figures say of them. */
import { parseLane } from '../../src/engine/lane-spec.ts';
import type { Outcome, Shown, ShownLane } from '../../src/state/compare.ts';
import { defaultView, type View } from '../../src/state/view.ts';

export const bytes = { keys: 1, values: 2, metadata: 3, live: 6, holes: 4, allocated: 10, host: 0, full: 24 };

/** @param turns what was said in each turn, and whether it was right */
export const outcomeOf = (
  turns: readonly (readonly [answer: string, right: boolean | undefined])[],
  changes: Partial<Outcome> = {},
): Outcome => {
  const answered = turns.map(([answer, right]) => ({
    answer: answer.split(' ').filter(Boolean),
    right,
    sameAsFull: right ?? false,
  }));
  return {
    ...answered.at(-1)!,
    turns: answered,
    budget: { kept: 8, fits: true },
    kl: 0.5,
    agreement: 1,
    attentionKept: 0.75,
    work: { prefill: 100, decode: 20 },
    ...changes,
  };
};

export const laneOf = (lane: string, outcome: Outcome | undefined): ShownLane => ({
  lane,
  spec: parseLane(lane).spec,
  events: [],
  bytes,
  outcome,
  causes: undefined,
});

/** A lane that was asked once. */
export const answered = (lane: string, answer: string, right: boolean | undefined, changes: Partial<Outcome> = {}) =>
  laneOf(lane, outcomeOf([[answer, right]], changes));

export const shownOf = (
  lanes: readonly ShownLane[],
  prompt: Partial<Shown['prompt']> = {},
  view: Partial<View> = {},
): Shown => {
  const turn = { question: ['where', 'is', 'the', 'key', '?'], expected: ['mill'] };
  return {
    view: { ...defaultView, lanes: lanes.map(({ lane }) => lane), ...view },
    lanes,
    shape: { layers: 1, kvHeads: 1, headDim: 4, tokens: 40 },
    prompt: {
      ...turn,
      turns: [turn],
      words: [],
      compressedAt: 32,
      textLength: 32,
      questions: 1,
      needed: [],
      sentence: [0, 1],
      capitals: [],
      problems: [],
      events: [],
      reused: 0,
      spliced: 0,
      work: 0,
      ...prompt,
    },
  };
};
