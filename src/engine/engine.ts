import { answerForced, answerFreely, futureAttention, type Step } from './answer.ts';
import { Store } from './cache/store.ts';
import type { Budget } from './budget/uniform.ts';
import { fullBytes } from './budget/uniform.ts';
import type { Event } from './events.ts';
import type { Layer } from './eviction/types.ts';
import { kernels as fastest } from './kernels/index.ts';
import type { Kernels } from './kernels/types.ts';
import { choose, compress, Lane, type Kept, type ScoreMemo } from './lane.ts';
import { printLane, type LaneSpec } from './lane-spec.ts';
import { attentionMatrices, layerView } from './layer-view.ts';
import { attentionKept, attentionMass, type AttentionMass } from './measure/attention-kept.ts';
import { laneBytes, type LaneBytes } from './measure/bytes.ts';
import { divergence, logSoftmax } from './measure/divergence.ts';
import { readingWork } from './measure/work.ts';
import { readConfig, type Config } from './model/config.ts';
import { maxPositions, Model } from './model/model.ts';
import { stop } from './model/tokenizer.ts';
import { blockSize } from './paging/pool.ts';
import { Prefiller, type Prefilled } from './prefill.ts';
import type { Prompt } from './prompt.ts';
import { run } from './run.ts';

/** A prompt that was read once, with the full cache's answer: what every lane is compared with. */
export interface Prepared {
  readonly prompt: Prompt;
  readonly prefilled: Prefilled;
  readonly layers: readonly Layer[];
  readonly reference: readonly Step[];
  /** For each of its steps the log-probabilities [vocabulary]. */
  readonly logReference: readonly Float64Array[];
  readonly mass: AttentionMass;
  readonly memo: ScoreMemo;
}

/** One lane's run: what happened, and how well it went. */
export interface LaneRun {
  readonly lane: string;
  readonly spec: LaneSpec;
  readonly budget: Budget;
  readonly kept: Kept;
  readonly steps: readonly Step[];
  readonly answer: readonly string[];
  /** Undefined where nobody knows the right answer. */
  readonly right: boolean | undefined;
  readonly sameAsFull: boolean;
  /** Mean KL(full || lane) in nats over the tokens of the full cache's answer. */
  readonly kl: number;
  /** Share of those tokens at which the lane's most probable token is the full cache's. */
  readonly agreement: number;
  readonly attentionKept: number;
  /** After compression, before the question. */
  readonly bytes: LaneBytes & { readonly full: number };
  /** Multiply-accumulates: reading the prompt (the same for all), and then this lane's answer. */
  readonly work: { readonly prefill: number; readonly decode: number };
  readonly events: readonly Event[];
}

export const mostLanes = 8;

/** Blocks for the prompt, the reference, and every lane and its scratch with a full own copy (a lane that encodes needs one). */
const blocksNeeded = (Math.ceil(maxPositions / blockSize) + 1) * (2 * mostLanes + 2);

const megabyte = 2 ** 20;

/** The whole engine: a model, its memory, and lanes that are reused from run to run. Synchronous, and pure but for that memory. */
export class Engine {
  readonly config: Config;
  readonly model: Model;
  readonly #prefiller: Prefiller;
  readonly #full: Lane;
  readonly #lanes: readonly Lane[];
  readonly #forced: readonly Lane[];

  /**
   * @param json    config.json of the model
   * @param weights model.safetensors
   * @throws Error when the two do not fit together
   */
  constructor(
    id: string,
    json: Readonly<Record<string, unknown>>,
    weights: Uint8Array,
    make: (bytes: number) => Kernels = fastest,
  ) {
    this.config = readConfig(id, json);
    const { layers, kvHeads, heads, headDim } = this.config;
    const cacheBytes = blocksNeeded * blockSize * layers * kvHeads * headDim * 2 * 4;
    const queryBytes = layers * heads * maxPositions * headDim * 4;
    const kernels = make(cacheBytes + queryBytes + 3 * weights.length + 16 * megabyte);
    this.model = new Model(this.config, weights, kernels);
    const store = new Store(this.config, kernels, blocksNeeded);
    this.#prefiller = new Prefiller(this.model, store);
    this.#full = new Lane(store);
    this.#lanes = Array.from({ length: mostLanes }, () => new Lane(store));
    this.#forced = Array.from({ length: mostLanes }, () => new Lane(store));
  }

  /** Reads a prompt and lets the full cache answer. What an earlier call returned can no longer be run. */
  prepare(prompt: Prompt): Prepared {
    for (const lane of [...this.#lanes, ...this.#forced, this.#full]) lane.cache.clear();
    const prefilled = this.#prefiller.read(prompt);
    const rest = prompt.tokens.slice(prompt.compressedAt);
    this.#full.cache.fork(prefilled.cache);
    const [reference] = answerFreely(this.model, [this.#full], [rest]);
    this.#full.cache.fork(prefilled.cache);
    const future = futureAttention(
      this.model,
      this.#full,
      rest,
      reference!.map(({ token }) => token),
      prompt.compressedAt,
    );
    this.#full.cache.clear();
    const attentions = attentionMatrices(this.model, prefilled);
    const layers = Array.from({ length: this.config.layers }, (_, layer) =>
      layerView(this.model, prefilled, layer, () => future[layer]!, attentions),
    );
    return {
      prompt,
      prefilled,
      layers,
      reference: reference!,
      logReference: reference!.map(({ logits }) => logSoftmax(logits)),
      mass: attentionMass(future, this.config.kvHeads),
      memo: new Map(),
    };
  }

  /**
   * The full cache's answers to several questions about one text, each asked on its own.
   * @param rests token ids of each question, after the text's own
   */
  answerAll(prompt: Prompt, rests: readonly (readonly number[])[]): number[][] {
    const { cache } = this.#prefiller.read(prompt);
    const answers: number[][] = [];
    for (let from = 0; from < rests.length; from += mostLanes) {
      const some = rests.slice(from, from + mostLanes);
      const lanes = this.#lanes.slice(0, some.length);
      for (const lane of lanes) lane.cache.fork(cache);
      answers.push(...answerFreely(this.model, lanes, some).map((steps) => steps.map(({ token }) => token)));
      for (const lane of lanes) lane.cache.clear();
    }
    return answers;
  }

  /** Whether a prepared prompt is still in the cache: any other that was read since has taken its place. */
  holds({ prefilled }: Prepared): boolean {
    return this.#prefiller.holds(prefilled);
  }

  /** Runs up to eight lanes on a prepared prompt at one budget, a share of the full cache's bytes. */
  compare(prepared: Prepared, specs: readonly LaneSpec[], share: number): LaneRun[] {
    if (specs.length > mostLanes) throw new Error(`A comparison has at most ${mostLanes} lanes, not ${specs.length}.`);
    if (!this.holds(prepared)) throw new Error('Another prompt was read since this one was prepared.');
    const { prompt, prefilled, layers, reference, memo } = prepared;
    const rest = prompt.tokens.slice(prompt.compressedAt);
    const chosen = choose(specs, layers, share, memo);
    const freed = specs.map((spec, i) => compress(this.#lanes[i]!, prefilled.cache, spec, chosen[i]!.kept));
    const blocks = specs.map((_, i) => this.#lanes[i]!.cache.blocks.filter((block) => block >= 0).length);
    const forced = this.#forced.slice(0, specs.length);
    forced.forEach((lane, i) => lane.fork(this.#lanes[i]!));
    const said = answerForced(
      this.model,
      forced,
      rest,
      reference.map(({ token }) => token),
    );
    const strayed = specs.flatMap((_, i) =>
      said[i]!.some(({ token }, k) => token !== reference[k]!.token) ? [i] : [],
    );
    const own = strayed.length
      ? answerFreely(
          this.model,
          strayed.map((i) => this.#lanes[i]!),
          strayed.map(() => rest),
        )
      : [];
    return specs.map((spec, i) =>
      this.#result(prepared, spec, chosen[i]!, {
        freed: freed[i]!,
        blocks: blocks[i]!,
        forced: said[i]!,
        steps: strayed.includes(i) ? own[strayed.indexOf(i)]! : said[i]!,
      }),
    );
  }

  #result(
    { prompt, prefilled, reference, logReference, mass }: Prepared,
    spec: LaneSpec,
    { budget, kept }: { budget: Budget; kept: Kept },
    {
      freed,
      blocks,
      forced,
      steps,
    }: { freed: readonly number[]; blocks: number; forced: readonly Step[]; steps: readonly Step[] },
  ): LaneRun {
    const answer = prompt.tokenizer.decode(steps.map(({ token }) => token).filter((token) => token !== stop));
    const kls = forced.map(({ logits }, k) => divergence(logReference[k]!, logits));
    const counts = kept.flatMap((heads) => heads.map(({ length }) => length));
    return {
      lane: printLane(spec),
      spec,
      budget,
      kept,
      steps,
      answer,
      right: prompt.expected && answer.join(' ') === prompt.expected.join(' '),
      sameAsFull: steps.length === reference.length && steps.every(({ token }, k) => token === reference[k]!.token),
      kl: kls.reduce((a, b) => a + b, 0) / kls.length,
      agreement: forced.filter(({ token }, k) => token === reference[k]!.token).length / forced.length,
      attentionKept: attentionKept(mass, kept),
      bytes: {
        ...laneBytes(spec, counts, blocks, this.config.headDim),
        full: fullBytes(this.config, prompt.compressedAt),
      },
      work: {
        prefill: prefilled.work,
        decode: readingWork(
          this.config,
          counts,
          prompt.tokens.length - prompt.compressedAt + steps.length - 1,
          steps.length,
        ),
      },
      events: [...run(prompt, { spec, kept, freed, steps })],
    };
  }
}
