import { attentionKept } from './measure/attention-kept.ts';
import { cacheBytes, type LaneBytes } from './measure/bytes.ts';
import { argmax, divergence, logSoftmax } from './measure/divergence.ts';
import type { Kept, Scores } from './budget/types.ts';
import { causesOf, type Cause } from './causes.ts';
import type { Event } from './events.ts';
import { kernels as fastest } from './kernels/index.ts';
import type { Kernels } from './kernels/types.ts';
import { Lane, type Ground } from './lane.ts';
import { parseLane, printLane, termsOf, type LaneSpec } from './lane-spec.ts';
import { futureOf, type Ahead } from './future.ts';
import { CacheView, type Future } from './layer-view.ts';
import { drive, live, type Answers, type Lived, type Process, type Script, type Step } from './live.ts';
import { Model, type ModelFile, type Reading } from './model/model.ts';
import { makePlan } from './plan.ts';
import { Prefix } from './prefix.ts';
import type { Prompt } from './prompt.ts';
import { countsOf, entriesWithin, fullBytes } from './room.ts';

export type { Step };

/** A prompt that was read once, with the full cache's answer: what every lane is compared with. */
export interface Prepared {
  readonly prompt: Prompt;
  readonly prefix: Prefix;
  readonly script: Script;
  readonly views: readonly CacheView[];
  readonly ground: Ground;
  /** What the full cache does with it. */
  readonly full: Finished;
  /** Lanes that drop nothing do the same at any budget that lets them: they run once. */
  readonly whole: Map<string, Finished>;
  /** For each turn and token of its answers the log-probabilities [vocabulary]. */
  readonly logReference: readonly (readonly Float64Array[])[];
}

/** A turn as a lane answered it. */
export interface Answered {
  readonly steps: readonly Step[];
  readonly answer: readonly string[];
  /** Undefined where nobody knows the right answer. */
  readonly right: boolean | undefined;
  readonly sameAsFull: boolean;
}

/** One lane's run: what happened, and how well it went. What is said of the answer is said of the last turn. */
export interface LaneRun extends Answered {
  readonly lane: string;
  readonly spec: LaneSpec;
  /** Entries that a head keeps of the prompt, on average, and whether the lane's bytes fit. */
  readonly budget: { readonly kept: number; readonly fits: boolean };
  /** Tokens of the prompt that stay. */
  readonly kept: Kept;
  readonly turns: readonly Answered[];
  /** Mean KL(full || lane) in nats over the tokens of the full cache's answers. */
  readonly kl: number;
  /** Share of those tokens at which the lane's most probable token is the full cache's. */
  readonly agreement: number;
  readonly attentionKept: number;
  /** After compression, before the question. */
  readonly bytes: LaneBytes & { readonly full: number };
  /** Multiply-accumulates: reading the prompt (the same for all), and then this lane's answers. */
  readonly work: { readonly prefill: number; readonly decode: number };
  /** Its own; those of the prompt come before. */
  readonly events: readonly Event[];
}

export const mostLanes = 8;

/** A lane that has shrunk and is about to answer. */
interface Begun {
  readonly spec: LaneSpec;
  readonly lane: Lane;
  readonly life: Process<Lived>;
  readonly first: IteratorResult<readonly Reading[], Lived>;
  readonly events: Event[];
  /** How many of them had happened when it was about to be asked. */
  readonly asked: number;
  readonly bytes: LaneBytes;
}

interface Finished extends Omit<Begun, 'life' | 'first' | 'lane'>, Lived {
  readonly kept: Kept | undefined;
  readonly work: number;
}

/** Lanes that have shrunk: what they hold is known, what they answer is not yet. */
export interface Started {
  /** Events up to the question, and bytes before it. */
  readonly lanes: readonly Pick<LaneRun, 'lane' | 'spec' | 'events' | 'bytes'>[];
  finish(): LaneRun[];
  cancel(): void;
}

/** One model, its memory, and lanes on it. Synchronous, and pure but for that memory. */
export class Engine {
  readonly model: Model;

  /** @throws Error when the files of the model do not fit together, or hold what is not computed here */
  constructor(file: ModelFile, kernels: Kernels = fastest()) {
    this.model = new Model(file, kernels);
  }

  /** Reads a prompt and lets the full cache answer. Give it back with `release`. */
  prepare(prompt: Prompt): Prepared {
    const { model } = this;
    const prefix = new Prefix(model, prompt);
    const script: Script = {
      turns: prompt.turns,
      stop: model.config.stop,
      word: (token) => prompt.tokenizer.decode([token])[0]!,
    };
    const blind: Ground = { prefix, future: undefined, ahead: undefined, memo: new Map() };
    let future: Future = [];
    let ahead: Ahead = [];
    const [full] = this.#run([this.#begin(blind, script, [], undefined, parseLane('full').spec, 1)], (lane) => {
      ({ future, ahead } = futureOf(model, lane.cache, lane.queries, prefix.cache.length));
    });
    const ground: Ground = { prefix, future, ahead, memo: new Map() };
    const views = Array.from(
      { length: model.config.layers },
      (_, layer) =>
        new CacheView(model, prefix.judged, prefix.queries, layer, future, prefix.cache.length, () => prefix.repeat()),
    );
    const logReference = full!.answers.map((steps) => steps.map(({ logits }) => logSoftmax(logits)));
    return { prompt, prefix, script, views, ground, full: full!, logReference, whole: new Map([['full', full!]]) };
  }

  /** Gives back the memory of a prepared prompt, which can no longer be run then. */
  release({ prefix }: Prepared): void {
    prefix.release();
  }

  /** The full cache's answers to several questions about one text, each asked on its own. */
  answerAll(text: Prompt, questions: readonly (readonly string[])[]): number[][] {
    const prefix = new Prefix(this.model, text);
    const ground: Ground = { prefix, future: undefined, ahead: undefined, memo: new Map() };
    const answers: number[][] = [];
    for (let from = 0; from < questions.length; from += mostLanes) {
      const begun = questions.slice(from, from + mostLanes).map((words) => {
        const turn = { question: { words }, tokens: text.tokenizer.encode(words), expected: undefined };
        const script: Script = { turns: [turn], stop: this.model.config.stop, word: () => '' };
        return this.#begin(ground, script, [], undefined, parseLane('full').spec, 1);
      });
      answers.push(...this.#run(begun).map(({ answers: [steps] }) => steps!.map(({ token }) => token)));
    }
    prefix.release();
    return answers;
  }

  /** Runs up to eight lanes on a prepared prompt at one budget, a share of the full cache's bytes. */
  compare(prepared: Prepared, specs: readonly LaneSpec[], share: number): LaneRun[] {
    return this.start(prepared, specs, share).finish();
  }

  /** The same in two steps: lanes shrink at once, and answer when they are told to finish. One of `finish` and `cancel` must be called. */
  start(prepared: Prepared, specs: readonly LaneSpec[], share: number): Started {
    if (specs.length > mostLanes) throw new Error(`A comparison has at most ${mostLanes} lanes, not ${specs.length}.`);
    mustBeHeld(prepared);
    const { ground, script, views, full, whole } = prepared;
    const lanes = specs.map((spec) => {
      const keepsAll = this.#keepsAll(prepared, spec, share);
      const done = keepsAll ? whole.get(printLane(spec)) : undefined;
      return {
        keepsAll,
        done,
        begun: done ? undefined : this.#begin(ground, script, views, full.answers, spec, share),
      };
    });
    const shown = lanes.map(({ done, begun }) => done ?? begun!);
    const begun = lanes.flatMap((lane) => lane.begun ?? []);
    return {
      lanes: shown.map(({ spec, events, asked, bytes }) => ({
        lane: printLane(spec),
        spec,
        events: events.slice(0, asked),
        bytes: { ...bytes, full: fullBytes(this.model.config, prepared.prompt.compressedAt) },
      })),
      finish: () => {
        const finished = this.#run(begun);
        return lanes.map(({ done, keepsAll }) => {
          const run = done ?? finished.shift()!;
          if (keepsAll) whole.set(printLane(run.spec), run);
          return this.#result(prepared, run, share);
        });
      },
      cancel: () => {
        for (const { lane } of begun) lane.release();
      },
    };
  }

  /**
   * Which words of the text a lane's last answer is owed to (causes.ts). Yields between passes; whoever leaves early ends it with `return`, as a loop does
   * by itself, and the memory goes back.
   * @param share that the lane ran at
   */
  *causes(
    prepared: Prepared,
    { spec, turns }: Pick<LaneRun, 'spec' | 'turns'>,
    share: number,
  ): Generator<undefined, Cause[]> {
    mustBeHeld(prepared);
    const { ground, script, views, prompt } = prepared;
    const lane = new Lane(ground, makePlan(spec), share, () => {});
    try {
      lane.act('prompt', views);
      const answers = turns.map(({ steps }) => steps);
      return yield* causesOf(lane, script, answers, prompt.textLength, (readings) => this.model.forward(readings));
    } finally {
      lane.release();
    }
  }

  /** By what a lane shrinks after the prompt: for each layer and KV head the score of every entry, higher = keep. Undefined where it keeps all. */
  scores(prepared: Prepared, spec: LaneSpec, share: number): Scores | undefined {
    mustBeHeld(prepared);
    const lane = new Lane(prepared.ground, makePlan(spec), share, () => {});
    try {
      return lane.scores(prepared.views);
    } finally {
      lane.release();
    }
  }

  /** Whether a lane drops nothing at this budget, now or later, and does the same at any other that lets it. */
  #keepsAll({ prefix: { cache } }: Prepared, spec: LaneSpec, share: number): boolean {
    const plan = makePlan(spec);
    if (plan.retriever.arrange) return false;
    const once = !termsOf(spec, 'schedule').length;
    return plan.keepsAll || (once && entriesWithin(plan, this.model.config, share, cache.length) >= cache.length);
  }

  #begin(
    ground: Ground,
    script: Script,
    views: readonly CacheView[],
    reference: Answers | undefined,
    spec: LaneSpec,
    share: number,
  ): Begun {
    const events: Event[] = [];
    const emit = (event: Event) => events.push(event);
    const lane = new Lane(ground, makePlan(spec), share, emit);
    let bytes: LaneBytes | undefined;
    const life = live(lane, script, views, reference, emit, () => {
      bytes = cacheBytes(lane.cache);
    });
    const first = life.next();
    return { spec, lane, life, first, events, asked: events.length, bytes: bytes! };
  }

  /** @param done called with each lane at its end, before its memory is given back */
  #run(begun: readonly Begun[], done: (lane: Lane) => void = () => {}): Finished[] {
    const lived = drive(begun, (readings) => this.model.forward(readings));
    return begun.map(({ spec, lane, events, asked, bytes }, i) => {
      done(lane);
      lane.release();
      return { spec, events, asked, bytes, kept: lane.kept, work: lane.meter.work, ...lived[i]! };
    });
  }

  #result({ prompt, prefix, full, logReference }: Prepared, run: Finished, share: number): LaneRun {
    const { config } = this.model;
    const kls = run.followed.flatMap((steps, turn) =>
      steps.map(({ logits }, k) => divergence(logReference[turn]![k]!, logits)),
    );
    const agreeing = run.followed.flatMap((steps, turn) =>
      steps.map(({ logits }, k) => argmax(logits) === full.answers[turn]![k]!.token),
    );
    const kept = run.kept ?? everything(prefix);
    const turns = prompt.turns.map((turn, i) => {
      const steps = run.answers[i] ?? [];
      const answer = prompt.tokenizer.decode(steps.map(({ token }) => token).filter((token) => token !== config.stop));
      const reference = full.answers[i] ?? [];
      return {
        steps,
        answer,
        right: turn.expected && answer.join(' ') === turn.expected.join(' '),
        sameAsFull: steps.length === reference.length && steps.every(({ token }, k) => token === reference[k]!.token),
      };
    });
    const counts = countsOf(kept);
    const bytes = { ...run.bytes, full: fullBytes(config, prompt.compressedAt) };
    return {
      ...turns.at(-1)!,
      lane: printLane(run.spec),
      spec: run.spec,
      budget: {
        kept: counts.reduce((a, b) => a + b, 0) / counts.length,
        fits: bytes.live <= share * bytes.full + 1e-6,
      },
      kept,
      turns,
      kl: kls.reduce((a, b) => a + b, 0) / kls.length,
      agreement: agreeing.filter(Boolean).length / agreeing.length,
      attentionKept: attentionKept(full.answers.flat(), config.stop, kept, prefix.cache.length),
      bytes,
      work: { prefill: prefix.work, decode: run.work },
      events: run.events,
    };
  }
}

/** Its blocks may be another prompt's by now, whose numbers would look like this one's. */
function mustBeHeld({ prefix }: Prepared): void {
  if (!prefix.cache.length) throw new Error('The memory of this prompt was given back.');
}

const everything = ({ cache, model: { config } }: Prefix): Kept =>
  Array.from({ length: config.layers }, () =>
    Array.from({ length: config.kvHeads }, () => Int32Array.from({ length: cache.length }, (_, i) => i)),
  );
