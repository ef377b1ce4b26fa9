import { join } from 'node:path';
import { weightsHash } from './built.ts';
import type { Stage, Rate } from '../engine/measure/stage.ts';
import { read } from './evaluation.ts';

export type { Stage, Rate };

export const stage = read<Stage>(join(process.cwd(), 'public/data/stage.json'));

/** Whether it was measured on the weights that the site ships now. */
export const staged = stage?.weights_sha256 === weightsHash;

export interface Finding {
  readonly published: string;
  readonly shown: boolean;
  readonly here: string;
}

const percent = (share: number) => `${100 * share} %`;

/** What the literature found, and whether this model shows it: an order counts where each next interval lies below. */
export function findings({ budgets, lanes, sinks, keys }: Stage): Finding[] {
  const at = (share: number) => budgets.indexOf(share);
  const tight = at(0.125);
  const order = ['snapkv', 'h2o', 'streaming-llm', 'random'].map((lane) => lanes.visible[lane]![tight]!);
  const quarter = at(0.25);
  const blind = ['snapkv', 'h2o', 'tova', 'streaming-llm', 'knorm'];
  const best = Math.max(...blind.map((lane) => lanes.later[lane]![quarter]![0]));
  const [knorm, random] = ['knorm', 'random'].map((lane) => lanes.later[lane]![quarter]!);
  const [channel, token] = ['kivi', 'kivi(channels=false)'].map((lane) => keys[lane]!);
  return [
    {
      published:
        'With the question in view, SnapKV keeps more right answers than H2O, H2O more than StreamingLLM, and that more than chance.',
      shown: order.every((one, i) => i === 0 || one[2] < order[i - 1]![1]),
      here: `${order.map(([right]) => right).join(', ')} % at ${percent(budgets[tight]!)} of the cache`,
    },
    {
      published: 'A rule that chose before the question came loses answers that it keeps with the question in view.',
      shown: best <= 60,
      here: `at most ${best} % at ${percent(budgets[quarter]!)}; SnapKV ${lanes.later['snapkv']![quarter]![0]} % instead of ${lanes.visible['snapkv']![quarter]![0]}`,
    },
    {
      published:
        'A sliding window needs the first tokens, on which attention rests: without them it strays from the full cache.',
      shown: sinks.none.kl >= 5 * sinks.four.kl,
      here: `divergence ${sinks.none.kl.toPrecision(2)} nats without and ${sinks.four.kl.toPrecision(2)} with four, facts inside the window; answers suffer little, ${sinks.none.right} and ${sinks.four.right} % are right`,
    },
    {
      published: 'Tokens whose keys are short matter more (key norm).',
      shown: knorm![1] > random![2],
      here: `${knorm![0]} % at ${percent(budgets[quarter]!)}, chance ${random![0]}: keys were trained to about one length, so that length says nothing`,
    },
    {
      published: 'At 2 bits, keys by channel lose less than keys by token (KIVI).',
      shown: channel! >= token! + 10,
      here: `${channel} % by channel, ${token} % by token, all tokens kept`,
    },
  ];
}
