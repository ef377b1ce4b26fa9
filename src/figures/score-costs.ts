import { listed } from '../catalog/words.ts';
import { termOf } from '../engine/lane-spec.ts';
import { looks, scoreWork, type Look } from '../engine/measure/score-work.ts';
import { membersOf } from '../engine/members.ts';
import type { Config } from '../engine/model/config.ts';

/** What each kind of rule looks at, in words. */
const about: Readonly<Record<Look, string>> = {
  none: 'no attention',
  some: 'some of it, worked out again',
  all: 'all of it, worked out again',
  again: 'the text is read once more',
  future: 'no work buys it',
};

export interface Paid {
  readonly look: string;
  /** Rules that pay as much, by their names, the cheapest first; multiply-accumulates of a layer, undefined where no work buys it. */
  readonly rules: readonly { readonly names: string; readonly macs: number | undefined }[];
}

/** What rules with their usual settings pay for attention that a fused kernel does not hand out. Wrappers pay what is inside, and are left out. */
export function paidFor(config: Config, seq: number): Paid[] {
  const rules = membersOf('score')
    .filter(({ wraps }) => !wraps)
    .map(({ name, caption }) => ({ name: caption.name, ...scoreWork(termOf(name), config, seq) }));
  return looks.map((look) => {
    const here = rules.filter((rule) => rule.look === look);
    const costs = [...new Set(here.map(({ macs }) => macs))].sort((a = 0, b = 0) => a - b);
    const named = (macs: number | undefined) =>
      listed(here.filter((rule) => rule.macs === macs).map(({ name }) => name));
    return { look: about[look], rules: costs.map((macs) => ({ names: named(macs), macs })) };
  });
}
