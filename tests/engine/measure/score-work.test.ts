import { describe, expect, test } from 'vitest';
import { newestProducts } from '../../../src/engine/eviction/needs.ts';
import { chunkProducts } from '../../../src/engine/eviction/noncausal-attn.ts';
import type { LayerView } from '../../../src/engine/eviction/types.ts';
import { parseLane } from '../../../src/engine/lane-spec.ts';
import { scoreWork } from '../../../src/engine/measure/score-work.ts';
import { membersOf } from '../../../src/engine/members.ts';
import { makeScorer, makeSelector } from '../../../src/engine/plan.ts';
import { config, engineOf, shortPrompt } from '../harbour.ts';

const workOf = (lane: string, seq: number) => scoreWork(parseLane(lane).spec.terms[0]!, config, seq);

describe('by hand', () => {
  // Eight query heads of 32 numbers: a product costs 256 in a layer. Of four tokens the newest two see three and four.
  test.each([
    ['knorm', 4, 'none', 0],
    ['tova', 4, 'some', 4 * 256],
    ['snapkv(window=2)', 4, 'some', (3 + 4) * 256],
    ['r-kv(window=2)', 5, 'some', 2 * 3 * 256],
    ['h2o', 4, 'all', (1 + 2 + 3 + 4) * 256],
    ['noncausal-attn(chunk=3)', 8, 'some', (9 + 9 + 4) * 256],
    ['adakv(h2o)', 4, 'all', 10 * 256],
    ['criticalkv(tova)', 4, 'some', 4 * 256],
    ['cake(snapkv(window=2),window=3)', 4, 'some', (3 + 4 + (2 + 3 + 4)) * 256],
    ['inverted(knorm)', 4, 'none', 0],
  ] as const)('%s of %i tokens looks at %s: %i', (lane, seq, look, macs) => {
    expect(workOf(lane, seq)).toEqual({ look, macs });
  });

  test('what the answer will look at cannot be bought', () => {
    expect(workOf('oracle', 100)).toEqual({ look: 'future', macs: undefined });
    expect(workOf('adakv(oracle)', 100)).toEqual({ look: 'future', macs: undefined });
  });

  test('a window that is longer than the prompt is the prompt', () => {
    expect(newestProducts(9, 4)).toBe(10);
    expect(workOf('snapkv(window=64)', 4).macs).toBe(workOf('h2o', 4).macs);
    expect(chunkProducts(9, 4)).toBe(16);
  });
});

describe('a second reading', () => {
  // Two tokens: one is read behind both, and sees three. 983,040 and the logits 73,600; four layers of 16 KV-head looks of two query heads at 64; then its row.
  test('by hand', () => {
    const reading = 983040 + 73600 + 16 * 2 * 64 * 3;
    expect(workOf('kvzip', 2)).toEqual({ look: 'again', macs: reading / 4 + 256 * 3 });
  });

  test('costs what the model counts when it reads once more', () => {
    const engine = engineOf();
    const prepared = engine.prepare(shortPrompt(3));
    const before = engine.model.work;
    prepared.prefix.repeat();
    const seq = prepared.prefix.cache.length;
    const rows = 256 * ((seq - 1) * seq + ((seq - 1) * seq) / 2);
    expect(4 * (workOf('kvzip', seq).macs! - rows)).toBe(engine.model.work - before);
    engine.release(prepared);
  });
});

/** A view that notes how many of the newest rows of attention it is asked for, and whether it is asked for those of another reading. */
function watched(layer: LayerView): { view: LayerView; rows: Set<number>; others: Set<string> } {
  const [rows, others] = [new Set<number>(), new Set<string>()];
  const view = new Proxy(layer, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: number[]): unknown => {
        if (name === 'attentionSums') rows.add(given[0]!);
        if (name === 'attentionRows') rows.add(given[1]! - given[0]!);
        if (name === 'attentionRow') rows.add(target.seq - given[0]!);
        if (name === 'repeatPeaks' || name === 'futurePeaks') others.add(name);
        return (value as (...numbers: number[]) => unknown).apply(target, given);
      };
    },
  });
  return { view, rows, others };
}

describe('what is told is what is looked at', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(5));
  const seq = prepared.prefix.cache.length;

  const asked = (lane: string) => {
    const { spec } = parseLane(lane);
    const seen = prepared.views.map(watched);
    const scorer = makeScorer(spec.terms[0]!.name === 'cake' ? parseLane('knorm').spec.terms[0]! : spec.terms[0]!);
    if (spec.terms[0]!.name === 'cake')
      makeSelector(spec, scorer).perLayer?.(
        seq / 4,
        seen.map(({ view }) => view),
      );
    else for (const { view } of seen) scorer.score(view, seq / 4);
    const most = Math.max(0, ...seen.flatMap(({ rows }) => [...rows]));
    return { rows: most, others: new Set(seen.flatMap(({ others }) => [...others])) };
  };

  /** These work out products from queries that they are given, and ask for no attention. */
  const own = ['r-kv', 'noncausal-attn', 'compactor'];

  test.each(
    membersOf('score')
      .map(({ name }) => name)
      .filter((name) => !own.includes(name)),
  )('%s', (name) => {
    const { look, macs } = workOf(name, seq);
    const { rows, others } = asked(name);
    expect([...others]).toEqual(look === 'again' ? ['repeatPeaks'] : look === 'future' ? ['futurePeaks'] : []);
    if (look === 'none' || look === 'some' || look === 'all') expect(macs).toBe(256 * newestProducts(rows, seq));
  });

  test('cake', () => {
    expect(workOf('cake(knorm)', seq).macs).toBe(256 * newestProducts(asked('cake(knorm)').rows, seq));
  });
});
