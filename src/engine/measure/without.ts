import type { Engine, Prepared } from '../engine.ts';
import { Lane } from '../lane.ts';
import { parseLane } from '../lane-spec.ts';
import { drive, live } from '../live.ts';
import { makePlan } from '../plan.ts';
import type { Random } from '../random.ts';

/** Cases that are answered in one pass. */
const together = 8;

/** Which of several mutilated caches still answer right: each without the text in the heads (layer * kvHeads + kvHead) that it lost. */
export function rightWithout(engine: Engine, prepared: Prepared, cases: readonly ReadonlySet<number>[]): boolean[] {
  const { prompt } = prepared;
  const expected = prompt.turns[0]!.expected!.join(' ');
  const batches = Array.from({ length: Math.ceil(cases.length / together) }, (_, i) =>
    cases.slice(i * together, (i + 1) * together),
  );
  return batches.flatMap((some) => {
    const started = some.map((lost) => {
      const lane = mutilated(engine, prepared, lost);
      const life = live(lane, prepared.script, prepared.views, undefined, () => {});
      return { lane, life, first: life.next() };
    });
    const lived = drive(started, (readings) => engine.model.forward(readings));
    for (const { lane } of started) lane.release();
    return lived.map(({ answers: [steps] }) => {
      const tokens = steps!.map(({ token }) => token).filter((token) => token !== engine.model.config.stop);
      return prompt.tokenizer.decode(tokens).join(' ') === expected;
    });
  });
}

/** A full cache whose lost heads hold <bos> and the question, and nothing of the text. */
function mutilated(engine: Engine, { ground, prompt }: Prepared, lost: ReadonlySet<number>): Lane {
  const { layers, kvHeads } = engine.model.config;
  const lane = new Lane(ground, makePlan(parseLane('full').spec), 1, () => {});
  const all = Int32Array.from({ length: lane.cache.length }, (_, i) => i);
  const none = all.filter((token) => token === 0 || token >= prompt.textLength);
  for (let layer = 0; layer < layers; layer++) {
    lane.cache.retain(
      layer,
      Array.from({ length: kvHeads }, (_, kvHead) => (lost.has(layer * kvHeads + kvHead) ? none : all)),
    );
  }
  return lane;
}

/** How often answers are right without each of several sets of heads, from 0 to 1. */
export function shareWithout(
  engine: Engine,
  all: readonly Prepared[],
  cases: readonly ReadonlySet<number>[],
): number[] {
  const right = cases.map(() => 0);
  for (const prepared of all) rightWithout(engine, prepared, cases).forEach((good, i) => (right[i]! += Number(good)));
  return right.map((n) => n / all.length);
}

/** Takes the most important head away, then the next, until fewer than `floor` of the answers are right. */
export function removeInTurn(
  engine: Engine,
  all: readonly Prepared[],
  without: readonly number[],
  floor: number,
): { head: number; right: number }[] {
  const removed: { head: number; right: number }[] = [];
  while (removed.length < without.length && (removed.at(-1)?.right ?? 1) >= floor) {
    const lost = removed.map(({ head }) => head);
    const left = [...without.keys()].filter((head) => !lost.includes(head));
    const cases = left.map((head) => new Set([...lost, head]));
    const right = lost.length ? shareWithout(engine, all, cases) : [...without];
    const worst = right.indexOf(Math.min(...right));
    removed.push({ head: left[worst]!, right: right[worst]! });
  }
  return removed;
}

/** Of the heads, how many keep the text while one is judged: few, as heads that stand in for one another would otherwise all look worthless. */
const keptChance = 0.25;
const draws = 8;

/**
 * What each head is worth to answers: how much more often they are right where it keeps the text than where it lost it, while each of the others keeps it
 * with one chance in four (Banzhaf's index, with that chance in place of a half).
 * @returns [heads], at least 0
 */
export function headWorth(engine: Engine, all: readonly Prepared[], random: Random): number[] {
  const heads = [...Array(engine.model.store.heads).keys()];
  const tally = heads.map(() => ({ kept: [0, 0], lost: [0, 0] }));
  for (const prepared of all) {
    const cases = Array.from({ length: draws }, () => new Set(heads.filter(() => random() >= keptChance)));
    rightWithout(engine, prepared, cases).forEach((right, i) => {
      for (const head of heads) {
        const at = tally[head]![cases[i]!.has(head) ? 'lost' : 'kept'];
        at[0]! += Number(right);
        at[1]! += 1;
      }
    });
  }
  const share = ([right, n]: readonly number[]) => (n ? right! / n : 0);
  return tally.map(({ kept, lost }) => Math.max(0, share(kept) - share(lost)));
}
