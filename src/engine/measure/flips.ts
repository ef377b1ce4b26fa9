import type { Engine } from '../engine.ts';
import { parseLane, printLane } from '../lane-spec.ts';
import { seededPrompt } from '../prompt.ts';
import { defaultKinds, writeText } from '../world/text.ts';
import { diagnosisBits, scalings, type FlipCell, type Flips, type Scaling, type Written } from './diagnosis.ts';
import { interval, meanInterval } from './interval.ts';

/** Tokens of a text. A channel's scale is for all of them. */
export const flipLength = 256;
const options = { length: flipLength, kinds: defaultKinds };

const codecs: Readonly<Record<Scaling, (bits: number) => string>> = {
  tensor: (bits) => `per-tensor(bits=${bits})`,
  channel: (bits) => `per-channel(bits=${bits},group=${flipLength},symmetric=true)`,
  token: (bits) => `per-token(bits=${bits},symmetric=true)`,
};

export const sweepBits = [6, 5, 4, 3, 2] as const;

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

type Behaviour = 'rule' | 'fact';

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
  const lanes = written.map(laneOf);
  const specs = lanes.map((lane) => parseLane(lane).spec);
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
    return {
      lane: lanes[i]!,
      ...one,
      rule: share(rule, right.rule),
      fact: share(fact, right.fact),
      kl,
      within: meanInterval(kls),
    };
  });
}
