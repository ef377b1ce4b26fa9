import type { Step } from './answer.ts';
import { bitmask, summarise, type Event } from './events.ts';
import type { Kept } from './lane.ts';
import type { LaneSpec } from './lane-spec.ts';
import { blockSize } from './paging/pool.ts';
import { codecs } from './quantization/index.ts';
import type { Prompt } from './prompt.ts';

/** What is known of a lane once it has answered, from which its events are told. */
export interface Outcome {
  readonly spec: LaneSpec;
  readonly kept: Kept;
  readonly freed: readonly number[];
  readonly steps: readonly Step[];
}

/** How many of `total` held tokens of a head are encoded. */
const encodedOf = ({ codec }: LaneSpec, total: number) => ({
  keys: codec ? codecs[codec.name]!.encodedKeys(total, codec.settings) : 0,
  values: codec ? codecs[codec.name]!.encodedValues(total, codec.settings) : 0,
});

/** After `extra` tokens more than were kept, what each head of a layer has encoded. */
function encoding(spec: LaneSpec, layer: number, heads: Kept[number], extra: number): Event {
  const counts = heads.map(({ length }) => encodedOf(spec, length + extra));
  return { type: 'encode', layer, keys: counts.map(({ keys }) => keys), values: counts.map(({ values }) => values) };
}

/**
 * One lane, text in, events out: the prompt is read block by block, compressed layer by layer, the question is asked token by token,
 * and the answer is given. Every lane of a comparison ticks alike, so one clock drives them all.
 */
export function* run(prompt: Prompt, { spec, kept, freed, steps }: Outcome): Generator<Event> {
  const { compressedAt, tokens, tokenizer } = prompt;
  for (let from = 0; from < compressedAt; from += blockSize) {
    yield { type: 'read', from, to: Math.min(from + blockSize, compressedAt) };
    yield { type: 'tick', phase: 'read' };
  }
  for (const [layer, heads] of kept.entries()) {
    if (heads.some(({ length }) => length < compressedAt))
      yield { type: 'keep', layer, held: heads.map((positions) => bitmask(positions, compressedAt)) };
    if (spec.codec) yield encoding(spec, layer, heads, 0);
    if (layer === kept.length - 1 && freed.length) yield { type: 'free', blocks: freed };
    yield { type: 'tick', phase: 'compress' };
  }
  for (let position = compressedAt; position < tokens.length; position++) {
    yield { type: 'read', from: position, to: position + 1 };
    if (position === tokens.length - 1) yield* reencoded(spec, kept, tokens.length - compressedAt);
    yield { type: 'tick', phase: 'ask' };
  }
  const words = tokenizer.decode(steps.map(({ token }) => token));
  for (const [i, { token, looks }] of steps.entries()) {
    const position = tokens.length + i - 1;
    if (i) {
      yield { type: 'read', from: position, to: position + 1 };
      yield* reencoded(spec, kept, position + 1 - compressedAt);
    }
    yield { type: 'answer', token, word: words[i]!, attention: summarise(looks) };
    yield { type: 'tick', phase: 'answer' };
  }
}

function* reencoded(spec: LaneSpec, kept: Kept, extra: number): Generator<Event> {
  if (spec.codec) for (const [layer, heads] of kept.entries()) yield encoding(spec, layer, heads, extra);
}
