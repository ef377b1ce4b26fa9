import type { Kept } from '../../engine/budget/types.ts';
import type { Engine, LaneRun } from '../../engine/engine.ts';
import { parseLane } from '../../engine/lane-spec.ts';
import { seededPrompt } from '../../engine/prompt.ts';
import { defaultsOf, number, type FieldsOf } from '../fields.ts';

/** What decides the picture of tokens that are given up for some layers, or for all that follow. */
export interface RerouteView {
  readonly seed: number;
  /** Percent of the tokens that every layer keeps. */
  readonly keep: number;
  /** Stages that the layers are parted into; the first layer of each chooses. */
  readonly stages: number;
}

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  keep: number(25, 15, 75, 5),
  stages: number(2, 2, 4, 1),
} as const satisfies FieldsOf<RerouteView>;

export const asks = ['seed', 'keep', 'stages'] as const;

export const rerouteView = defaultsOf<RerouteView>(fields);

/** Tokens of a text, and texts that means are taken over, the reader's own among them. */
export const [length, texts] = [128, 12];

/** One way to go on with what was given up. */
export interface Way {
  /** For each token a digit to base 36: bit l is set where layer l holds it. */
  readonly held: string;
  readonly answer: string;
  readonly right: boolean;
}

/** Sums over texts. */
export interface Tally {
  readonly right: number;
  /** Nats, added up. */
  readonly kl: number;
}

export interface Rerouted {
  /** Text and question, as far as a lane holds them. */
  readonly words: readonly string[];
  /** The sentence that answers, in these words. */
  readonly sentence: readonly [number, number];
  readonly reroute: Way;
  readonly remove: Way;
  /** Tokens that every layer keeps. */
  readonly count: number;
  readonly sums: { readonly reroute: Tally; readonly remove: Tally };
  /** Tokens that the last stage keeps where all compete, and how many of them are gone by then where they were deleted: sums over texts. */
  readonly wanted: number;
  readonly gone: number;
  readonly texts: number;
}

/** The question stays, as the paper leaves its text alone; nine tokens hold every question here. */
const lane = (stages: number, recover: boolean) =>
  parseLane(`stages(protected(tova,first=1,last=9),count=${stages},recover=${String(recover)})`).spec;

/** The reader's text first, then sums over more and more. */
export function* run(engine: Engine, { seed, keep, stages }: RerouteView): Generator<Rerouted> {
  const { layers } = engine.model.config;
  let found: Rerouted | undefined;
  for (let other = 0; (found?.texts ?? 0) < texts; other++) {
    if (other === seed) continue;
    const prompt = seededPrompt(engine.model.vocabulary, found ? other : seed, { length }, 0, 'visible');
    const prepared = engine.prepare(prompt);
    const [reroute, remove] = engine.compare(prepared, [lane(stages, true), lane(stages, false)], keep / 100);
    engine.release(prepared);
    const [wanted, left] = [reroute!, remove!].map(({ kept }) => kept[layers - 1]![0]!);
    found = {
      ...(found ?? {
        words: prompt.words.slice(0, prompt.compressedAt),
        sentence: prompt.turns[0]!.question.sentence ?? [0, 0],
        reroute: wayOf(reroute!, prompt.compressedAt),
        remove: wayOf(remove!, prompt.compressedAt),
        count: wanted!.length,
      }),
      sums: { reroute: added(found?.sums.reroute, reroute!), remove: added(found?.sums.remove, remove!) },
      wanted: (found?.wanted ?? 0) + wanted!.length,
      gone: (found?.gone ?? 0) + wanted!.filter((token) => !left!.includes(token)).length,
      texts: (found?.texts ?? 0) + 1,
    };
    if (found.texts === 1 || found.texts === texts) yield found;
    if (found.texts === 1) other = 0;
  }
}

const wayOf = ({ kept, answer, right }: LaneRun, tokens: number): Way => ({
  held: heldOf(kept, tokens),
  answer: answer.join(' '),
  right: right ?? false,
});

/** All heads of a layer keep the same here. */
function heldOf(kept: Kept, tokens: number): string {
  const held = new Uint8Array(tokens);
  kept.forEach((heads, layer) => {
    for (const token of heads[0]!) held[token]! |= 1 << layer;
  });
  return Array.from(held, (mask) => mask.toString(36)).join('');
}

const added = (sum: Tally = { right: 0, kl: 0 }, { right, kl }: LaneRun): Tally => ({
  right: sum.right + Number(right),
  kl: Number((sum.kl + kl).toFixed(4)),
});
