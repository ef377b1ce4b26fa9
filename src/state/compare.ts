import type { Cause } from '../engine/causes.ts';
import type { Engine, LaneRun, Prepared } from '../engine/engine.ts';
import type { Event } from '../engine/events.ts';
import { parseLane, type LaneSpec } from '../engine/lane-spec.ts';
import type { LaneBytes } from '../engine/measure/bytes.ts';
import type { Vocabulary } from '../engine/model/tokenizer.ts';
import { seededPrompt, typedPrompt, type Prompt } from '../engine/prompt.ts';
import type { Shape } from '../engine/timeline.ts';
import { amounts } from '../engine/world/text.ts';
import { withCauses, type LaneCauses } from './causes.ts';
import { ranksOf } from './ranks.ts';
import { askedPictures, type View } from './view.ts';

/** A question, and what is known of its answer. */
export interface ShownTurn {
  readonly question: readonly string[];
  readonly expected: readonly string[] | undefined;
}

/** What a figure needs of a prompt; it can be sent from a worker or written into a page. What is asked is said of the last turn. */
export interface ShownPrompt extends ShownTurn {
  readonly words: readonly string[];
  readonly compressedAt: number;
  readonly textLength: number;
  readonly turns: readonly ShownTurn[];
  /** How many questions the text has; 1 for a reader's own. */
  readonly questions: number;
  /** Positions of the words that the answer needs. */
  readonly needed: readonly number[];
  readonly sentence: readonly [number, number] | undefined;
  readonly capitals: readonly string[];
  readonly problems: readonly string[];
  /** How the prompt came into the cache: what every lane begins with. */
  readonly events: readonly Event[];
  readonly reused: number;
  readonly spliced: number;
  /** Multiply-accumulates of reading it. */
  readonly work: number;
}

/** What a lane holds; what it answers is missing until it has, and what that is owed to until somebody had the time to find out. */
export interface ShownLane {
  readonly lane: string;
  readonly spec: LaneSpec;
  readonly events: readonly Event[];
  readonly bytes: LaneBytes & { readonly full: number };
  readonly outcome: Outcome | undefined;
  readonly causes: readonly Cause[] | undefined;
  /** [heads * entries of the prompt] how many of a head score lower (ranks.ts); empty where nothing is scored, missing where no picture asked for it. */
  readonly ranks?: Uint16Array | undefined;
}

export interface Outcome extends Pick<
  LaneRun,
  'budget' | 'answer' | 'right' | 'sameAsFull' | 'kl' | 'agreement' | 'attentionKept' | 'work'
> {
  readonly turns: readonly Pick<LaneRun, 'answer' | 'right' | 'sameAsFull'>[];
}

/** A run, with the view that it was run for: whatever is said of it is said of that view, not of one that was asked for since. */
export interface Shown {
  readonly view: View;
  readonly prompt: ShownPrompt;
  readonly lanes: readonly ShownLane[];
  readonly shape: Shape;
  /** [heads] what each is worth to answers, where that is known. */
  readonly worth?: readonly number[] | undefined;
}

/** Tokens that a question's answer may add to what is read. */
const longestAnswerRead = 16;

export const promptOf = (vocabulary: Vocabulary, view: View): Prompt =>
  view.text
    ? typedPrompt(vocabulary, view.text, view.ask, view.moment, view.reading)
    : seededPrompt(
        vocabulary,
        view.seed,
        {
          length: view.length,
          kinds: view.kinds,
          density: amounts[view.facts],
          turns: view.turns,
          reading: view.reading,
        },
        view.question,
        view.moment,
      );

const promptKey = ({ text, ask, moment, reading, turns, seed, length, kinds, facts, question }: View) =>
  JSON.stringify(text ? [text, ask, moment, reading] : [seed, length, kinds, facts, question, moment, reading, turns]);

const outcome = (run: LaneRun): Outcome => {
  const { budget, answer, right, sameAsFull, kl, agreement, attentionKept, work } = run;
  const turns = run.turns.map((turn) => ({ answer: turn.answer, right: turn.right, sameAsFull: turn.sameAsFull }));
  return { budget, answer, right, sameAsFull, kl, agreement, attentionKept, work, turns };
};

function shownPrompt({ prompt, prefix }: Prepared): ShownPrompt {
  const { words, compressedAt, textLength, questions, capitals, problems } = prompt;
  const turns = prompt.turns.map(({ question, expected }) => ({ question: question.words, expected }));
  const { question } = prompt.turns.at(-1)!;
  return {
    ...turns.at(-1)!,
    words,
    compressedAt,
    textLength,
    turns,
    questions,
    capitals,
    problems,
    needed: question.needed ?? [],
    sentence: question.sentence,
    events: prefix.events,
    reused: prefix.reused,
    spliced: prefix.spliced,
    work: prefix.work,
  };
}

/** Prompts that stay in memory, so that going back to one costs no reading. */
const kept = 3;

/** A comparison whose lanes have shrunk and not answered yet. */
export interface Underway {
  /** What the lanes hold. */
  readonly shown: Shown;
  finish(): Shown;
  cancel(): void;
  /** What the answers are owed to, lane by lane, once they were given. Yields nothing in between wherever one may leave. */
  causes(): Generator<LaneCauses | undefined, void>;
}

/** Runs views on one engine. */
export class Comparer {
  readonly #engine: Engine;
  /** By the text, oldest use first. */
  readonly #prepared = new Map<string, Prepared>();
  readonly #prompts = new WeakMap<Prepared, ShownPrompt>();
  /** By the answer: lanes that drop nothing give the same one at every budget, and need not lose their washes while that is dragged. */
  readonly #causes = new WeakMap<LaneRun['steps'], readonly Cause[]>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  compare(view: View): Shown {
    return this.start(view).finish();
  }

  /** The same with all that can be found out of it: what stands in a page when it is built. */
  explain(view: View): Shown {
    const underway = this.start(view);
    let shown = underway.finish();
    for (const found of underway.causes()) if (found) shown = withCauses(shown, found);
    return shown;
  }

  start(view: View): Underway {
    const prepared = this.#prepare(view);
    const specs = view.lanes.map((lane) => parseLane(lane).spec);
    const started = this.#engine.start(prepared, specs, view.keep);
    const ranks = askedPictures.has(view.view)
      ? specs.map((spec) => ranksOf(this.#engine.scores(prepared, spec, view.keep)))
      : undefined;
    const prompt = this.#shownPrompt(prepared);
    const { layers, kvHeads, headDim, worth } = this.#engine.model.config;
    const later = prepared.prompt.turns.reduce((sum, { tokens }) => sum + tokens.length + longestAnswerRead, 0);
    const shape = { layers, kvHeads, headDim, tokens: prepared.prompt.compressedAt + later };
    const show = (lanes: readonly ShownLane[]): Shown => ({ view, prompt, lanes, shape, worth });
    let runs: readonly LaneRun[] = [];
    return {
      shown: show(
        started.lanes.map((lane, i) => ({ ...lane, outcome: undefined, causes: undefined, ranks: ranks?.[i] })),
      ),
      finish: () => {
        runs = started.finish();
        return show(
          runs.map((run, i) => {
            const { lane, spec, events, bytes } = run;
            const causes = this.#causes.get(run.steps);
            return { lane, spec, events, bytes, outcome: outcome(run), causes, ranks: ranks?.[i] };
          }),
        );
      },
      cancel: () => started.cancel(),
      causes: () => this.#explain(prepared, runs, view.keep),
    };
  }

  *#explain(prepared: Prepared, runs: readonly LaneRun[], keep: number): Generator<LaneCauses | undefined, void> {
    for (const [lane, run] of runs.entries()) {
      const known = this.#causes.get(run.steps);
      const causes = known ?? (yield* this.#engine.causes(prepared, run, keep));
      this.#causes.set(run.steps, causes);
      yield { lane, causes };
    }
  }

  /** The same object for as long as the prompt stays, so that whoever draws it can tell. */
  #shownPrompt(prepared: Prepared): ShownPrompt {
    let prompt = this.#prompts.get(prepared);
    if (!prompt) this.#prompts.set(prepared, (prompt = shownPrompt(prepared)));
    return prompt;
  }

  #prepare(view: View): Prepared {
    const key = promptKey(view);
    const prepared = this.#prepared.get(key) ?? this.#engine.prepare(promptOf(this.#engine.model.vocabulary, view));
    // The newest use goes last.
    this.#prepared.delete(key);
    this.#prepared.set(key, prepared);
    for (const [oldest, one] of this.#prepared) {
      if (this.#prepared.size <= kept) break;
      this.#prepared.delete(oldest);
      this.#engine.release(one);
    }
    return prepared;
  }
}
