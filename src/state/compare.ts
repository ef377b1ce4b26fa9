import type { Engine, LaneRun, Prepared } from '../engine/engine.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { seededPrompt, typedPrompt, type Prompt } from '../engine/prompt.ts';
import type { View } from './view.ts';

/** What a figure needs of a prompt; it can be sent from a worker or written into a page. */
export interface ShownPrompt {
  readonly words: readonly string[];
  readonly compressedAt: number;
  readonly textLength: number;
  readonly question: readonly string[];
  /** How many questions the text has; 1 for a reader's own. */
  readonly questions: number;
  readonly expected: readonly string[] | undefined;
  /** Positions of the words that the answer needs. */
  readonly needed: readonly number[];
  readonly sentence: readonly [number, number] | undefined;
  readonly capitals: readonly string[];
  readonly problems: readonly string[];
}

export type ShownLane = Pick<
  LaneRun,
  | 'lane'
  | 'spec'
  | 'budget'
  | 'answer'
  | 'right'
  | 'sameAsFull'
  | 'kl'
  | 'agreement'
  | 'attentionKept'
  | 'bytes'
  | 'work'
  | 'events'
>;

export interface Shown {
  readonly prompt: ShownPrompt;
  readonly lanes: readonly ShownLane[];
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

export const promptOf = (view: View): Prompt =>
  view.text
    ? typedPrompt(view.text, view.ask, view.moment)
    : seededPrompt(view.seed, { length: view.length, kinds: view.kinds }, view.question, view.moment);

const promptKey = ({ text, ask, moment, seed, length, kinds, question }: View) =>
  JSON.stringify(text ? [text, ask, moment] : [seed, length, kinds, question, moment]);

const show = ({
  lane,
  spec,
  budget,
  answer,
  right,
  sameAsFull,
  kl,
  agreement,
  attentionKept,
  bytes,
  work,
  events,
}: LaneRun): ShownLane => ({
  lane,
  spec,
  budget,
  answer,
  right,
  sameAsFull,
  kl,
  agreement,
  attentionKept,
  bytes,
  work,
  events,
});

const shownPrompt = ({
  words,
  compressedAt,
  textLength,
  question,
  questions,
  expected,
  capitals,
  problems,
}: Prompt): ShownPrompt => ({
  words,
  compressedAt,
  textLength,
  question: question.words,
  questions,
  expected,
  capitals,
  problems,
  needed: question.needed ?? [],
  sentence: question.sentence,
});

/** Runs views on one engine. The last prompt stays in its cache, so a new budget costs no reading, unless a curve has read others since. */
export class Comparer {
  readonly #engine: Engine;
  #key = '';
  #prepared: Prepared | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  compare(view: View): Shown {
    const key = promptKey(view);
    if (!this.#prepared || key !== this.#key || !this.#engine.holds(this.#prepared)) {
      this.#prepared = this.#engine.prepare(promptOf(view));
      this.#key = key;
    }
    const { layers, kvHeads, headDim } = this.#engine.config;
    const lanes = this.#engine.compare(
      this.#prepared,
      view.lanes.map((lane) => parseLane(lane).spec),
      view.keep,
    );
    return {
      prompt: shownPrompt(this.#prepared.prompt),
      lanes: lanes.map(show),
      heads: layers * kvHeads,
      kvHeads,
      headDim,
    };
  }
}
