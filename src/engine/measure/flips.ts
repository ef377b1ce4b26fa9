import type { Engine } from '../engine.ts';
import { parseLane, printLane } from '../lane-spec.ts';
import { seededPrompt } from '../prompt.ts';
import { defaultKinds, writeText } from '../world/text.ts';
import { interval, meanInterval, type Within } from './interval.ts';

/** Tokens of a text. A channel's scale is for all of them. */
export const flipLength = 256;
const options = { length: flipLength, kinds: defaultKinds };

/** What shares one scale of a symmetric grid: all that a head writes, each of its channels, or each token's row. */
export const scalings = ['tensor', 'channel', 'token'] as const;
export type Scaling = (typeof scalings)[number];

const codecs: Readonly<Record<Scaling, (bits: number) => string>> = {
  tensor: (bits) => `per-tensor(bits=${bits})`,
  channel: (bits) => `per-channel(bits=${bits},group=${flipLength},symmetric=true)`,
  token: (bits) => `per-token(bits=${bits},symmetric=true)`,
};

/** Bits of the diagnosis by layers. */
export const diagnosisBits = 3;
export const sweepBits = [6, 5, 4, 3, 2] as const;

/** What is written: everything on one grid; one layer alone, or all but it; or one layer by channel and the others by token. */
export interface Written {
  readonly scaling: Scaling;
  readonly bits: number;
  readonly layer?: number;
  readonly part?: 'only' | 'others' | 'mixed';
}

export function laneOf({ scaling, bits, layer = 0, part }: Written): string {
  const codec = codecs[scaling](bits);
  const lanes = {
    only: `only(${codec},layer=${layer})`,
    others: `only(${codec},layer=${layer},others=true)`,
    mixed: `per-layer(${codecs.token(bits)},per-layer(${codecs.channel(bits)},${codecs.token(bits)},first=${layer + 1}),first=${layer})`,
  };
  return printLane(parseLane(part ? lanes[part] : codec).spec);
}

/** All that is asked about a model of so many layers. */
export function allWritten(layers: number): Written[] {
  const sweep = sweepBits.flatMap((bits) => scalings.map((scaling) => ({ scaling, bits })));
  const bits = diagnosisBits;
  const alone = Array.from({ length: layers }, (_, layer): Written[] => [
    { scaling: 'tensor', bits, layer, part: 'only' },
    { scaling: 'channel', bits, layer, part: 'only' },
    { scaling: 'tensor', bits, layer, part: 'others' },
    { scaling: 'channel', bits, layer, part: 'mixed' },
  ]);
  return [...sweep, ...alone.flat()];
}

/** Of the answers that were right at 16 bits, how many are not when the cache is written. */
export interface Flips {
  readonly flipped: number;
  readonly of: number;
  /** Wilson's 95 % interval of the share. */
  readonly within: Within;
}

export interface FlipCell extends Written {
  /** Answers that obey a standing rule, and answers that tell a fact. */
  readonly rule: Flips;
  readonly fact: Flips;
  /** Mean KL(full || lane) in nats a token, over all of these answers; its 95 % interval. */
  readonly kl: number;
  readonly within: Within;
}

export const behaviours = ['rule', 'fact'] as const;
type Behaviour = (typeof behaviours)[number];

/** One question about a rule and one about a fact, of each of so many texts that have both. */
export function* askedOfBoth(engine: Engine, texts: number, seed: number) {
  for (let next = seed, found = 0; found < texts; next++) {
    const { questions } = writeText(next, options);
    const [rule, fact] = [questions.findIndex(isRule), questions.findIndex((question) => !isRule(question))];
    if (rule < 0 || fact < 0) continue;
    found++;
    for (const [behaviour, index] of [
      ['rule', rule],
      ['fact', fact],
    ] as const)
      yield { behaviour, prompt: seededPrompt(engine.model.vocabulary, next, options, index, 'later') };
  }
}

const isRule = ({ kind }: { readonly kind: string }) => kind === 'rule';
const share = (flipped: number, of: number): Flips => ({ flipped, of, within: interval(flipped, of) });

/** Asks everything of everything. @param texts with a question of each behaviour */
export function flipsOf(engine: Engine, written: readonly Written[], texts: number, seed: number): FlipCell[] {
  const specs = written.map((one) => parseLane(laneOf(one)).spec);
  const right: Record<Behaviour, number> = { rule: 0, fact: 0 };
  const tally = written.map(() => ({ rule: 0, fact: 0, kls: [] as number[] }));
  for (const { behaviour, prompt } of askedOfBoth(engine, texts, seed)) {
    const prepared = engine.prepare(prompt);
    const [full] = engine.compare(prepared, [parseLane('full').spec], 1);
    right[behaviour] += Number(full!.right);
    specs.forEach((spec, i) => {
      const [run] = engine.compare(prepared, [spec], 1);
      tally[i]![behaviour] += Number(full!.right && !run!.right);
      tally[i]!.kls.push(run!.kl);
    });
    engine.release(prepared);
  }
  return written.map((one, i) => {
    const { rule, fact, kls } = tally[i]!;
    const kl = kls.reduce((sum, each) => sum + each, 0) / kls.length;
    return { ...one, rule: share(rule, right.rule), fact: share(fact, right.fact), kl, within: meanInterval(kls) };
  });
}
