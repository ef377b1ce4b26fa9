import type { Tensor } from './eviction/types.ts';
import type { Lane } from './lane.ts';
import { argmax } from './measure/divergence.ts';
import type { Model } from './model/model.ts';
import { stop } from './model/tokenizer.ts';

/** One token of an answer, with the logits that chose it and where its query looked. */
export interface Step {
  readonly token: number;
  readonly logits: Float32Array;
  /** For each head of each layer [positions]: the attention that its query paid, averaged over the group. */
  readonly looks: readonly Float32Array[];
}

export const longestAnswer = 14;

/** Gathers the attention of the last row of every lane in a pass: per lane and head over positions, averaged over the group. */
class Looking {
  readonly #rows: Map<number, { lane: Lane; heads: Float32Array[] }>;
  readonly #group: number;
  readonly #kvHeads: number;

  constructor(model: Model, lanes: readonly Lane[], tokens: readonly (readonly number[])[]) {
    const { heads, kvHeads, layers } = model.config;
    this.#group = heads / kvHeads;
    this.#kvHeads = kvHeads;
    let row = -1;
    this.#rows = new Map(
      lanes.map((lane, i) => [
        (row += tokens[i]!.length),
        {
          lane,
          heads: Array.from(
            { length: layers * kvHeads },
            () => new Float32Array(lane.cache.length + tokens[i]!.length),
          ),
        },
      ]),
    );
  }

  readonly attention = (layer: number, kvHead: number, row: number, probs: Float32Array, count: number): void => {
    const seen = this.#rows.get(row);
    if (!seen) return;
    const head = layer * this.#kvHeads + kvHead;
    const positions = seen.lane.cache.positions(head);
    const out = seen.heads[head]!;
    for (let g = 0; g < this.#group; g++) {
      const from = g * count;
      for (let i = 0; i < count; i++) out[positions[i]!]! += probs[from + i]! / this.#group;
    }
  };

  /** In the order of the lanes. */
  results(): Float32Array[][] {
    return [...this.#rows.values()].map(({ heads }) => heads);
  }
}

/** Every lane reads its tokens, all in one pass. @returns one step per lane */
export function advance(model: Model, lanes: readonly Lane[], tokens: readonly (readonly number[])[]): Step[] {
  if (!lanes.length) return [];
  const looking = new Looking(model, lanes, tokens);
  const logits = model.read(
    lanes.map(({ cache }, i) => ({ cache, tokens: tokens[i]! })),
    looking,
  );
  for (const lane of lanes) lane.settle();
  return looking.results().map((looks, i) => ({ token: argmax(logits[i]!), logits: logits[i]!, looks }));
}

/**
 * Greedy answers of several lanes, until each has said its full stop.
 * @param rests for each lane the tokens between compression and the answer, at least one
 */
export function answerFreely(model: Model, lanes: readonly Lane[], rests: readonly (readonly number[])[]): Step[][] {
  const answers = advance(model, lanes, rests).map((step) => [step]);
  for (;;) {
    const open = lanes
      .map((lane, i) => ({ lane, answer: answers[i]! }))
      .filter(({ answer }) => answer.at(-1)!.token !== stop && answer.length < longestAnswer);
    if (!open.length) return answers;
    const steps = advance(
      model,
      open.map(({ lane }) => lane),
      open.map(({ answer }) => [answer.at(-1)!.token]),
    );
    steps.forEach((step, i) => open[i]!.answer.push(step));
  }
}

/** The steps of lanes that are made to say `answer`, whatever they would have said: what divergence is measured on. */
export function answerForced(
  model: Model,
  lanes: readonly Lane[],
  rest: readonly number[],
  answer: readonly number[],
): Step[][] {
  const steps = advance(
    model,
    lanes,
    lanes.map(() => rest),
  ).map((step) => [step]);
  for (const token of answer.slice(0, -1)) {
    advance(
      model,
      lanes,
      lanes.map(() => [token]),
    ).forEach((step, i) => steps[i]!.push(step));
  }
  return steps;
}

/** The attention that the answering rows pay to the first `seq` positions, per layer as [heads, rows, seq]. */
export function futureAttention(
  model: Model,
  lane: Lane,
  rest: readonly number[],
  answer: readonly number[],
  seq: number,
): Tensor[] {
  const { layers, heads, kvHeads } = model.config;
  const group = heads / kvHeads;
  const rows = answer.length;
  const tensors = Array.from({ length: layers }, () => ({
    shape: [heads, rows, seq],
    data: new Float32Array(heads * rows * seq),
  }));
  const first = rest.length - 1;
  model.read([{ cache: lane.cache, tokens: [...rest, ...answer.slice(0, -1)] }], {
    attention(layer, kvHead, row, probs, count) {
      if (row < first) return;
      for (let g = 0; g < group; g++) {
        tensors[layer]!.data.set(
          probs.subarray(g * count, g * count + seq),
          ((kvHead * group + g) * rows + row - first) * seq,
        );
      }
    },
  });
  return tensors;
}
