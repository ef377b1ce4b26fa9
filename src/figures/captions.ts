import { parseLane, type LaneSpec } from '../engine/lane-spec.ts';

interface Caption {
  readonly name: string;
  readonly idea: string;
}

/** How a method is called above a lane, and what it keeps in a few words. */
const captions: Readonly<Record<string, Caption>> = {
  full: { name: 'Full cache', idea: 'everything kept' },
  h2o: { name: 'H2O', idea: 'what was attended' },
  knorm: { name: 'Knorm', idea: 'the smallest keys' },
  oracle: { name: 'Oracle', idea: 'what the answer will look at' },
  random: { name: 'Random', idea: 'a fair lottery' },
  snapkv: { name: 'SnapKV', idea: 'what the last words look at' },
  'streaming-llm': { name: 'StreamingLLM', idea: 'sinks and the latest' },
  tova: { name: 'TOVA', idea: 'what the last word looks at' },
  kivi: { name: 'KIVI', idea: 'everything, in fewer bits' },
};

const captionOf = (name: string): Caption => captions[name] ?? { name, idea: '' };

export function laneCaption({ policy, inverted, codec }: LaneSpec): Caption {
  const first = captionOf(policy.name);
  const second = codec && { ...captionOf(codec.name), bits: codec.settings['bits'] };
  if (second && policy.name === 'full') return { name: `${second.name}, ${second.bits} bits`, idea: second.idea };
  const name = inverted ? `${first.name}, inverted` : first.name;
  const idea = inverted ? `the opposite of: ${first.idea}` : first.idea;
  return second ? { name: `${name} + ${second.name}`, idea: `${idea}, at ${second.bits} bits` } : { name, idea };
}

/** Several lanes of one method are told apart by what their specs say beyond the name. */
export const laneTitle = (lane: string) => laneCaption(parseLane(lane).spec).name;

/** Names for menus, in the order of the engine's tables. */
export const methodName = (name: string) => captionOf(name).name;
