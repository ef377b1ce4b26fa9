import { describe, expect, test } from 'vitest';
import { fullBytes } from '../../src/engine/budget/uniform.ts';
import type { LaneRun, Prepared } from '../../src/engine/engine.ts';
import { policies } from '../../src/engine/eviction/index.ts';
import { seededPrompt, textPrompt, typedPrompt } from '../../src/engine/prompt.ts';
import { defaultKinds, writeText } from '../../src/engine/world/text.ts';
import { compare, config, engineOf, shortPrompt, specsOf } from './harbour.ts';

const engine = engineOf();
const evicting = ['h2o', 'knorm', 'oracle', 'random', 'snapkv(window=16)', 'streaming-llm', 'tova'];
const all = [...evicting, 'full'];
const budgets = [0.05, 0.1, 0.25, 0.5, 0.8];
const counts = ({ kept }: LaneRun) => kept.flatMap((heads) => heads.map(({ length }) => length));
const positions = ({ kept }: LaneRun) => kept.map((heads) => heads.map((row) => [...row]));
const every = <T>(count: number, value: T) => new Array<T>(count).fill(value);

/** Everything a run says, in a form in which two runs can be compared to the last bit. */
const facts = (run: LaneRun) => ({
  ...run,
  kept: positions(run),
  steps: run.steps.map(({ token, logits }) => [token, ...logits]),
});

test('every policy is here', () =>
  expect(
    specsOf(...all)
      .map(({ policy }) => policy.name)
      .sort(),
  ).toEqual(Object.keys(policies)));

describe.each([
  [1, 'later'],
  [2, 'visible'],
  [3, 'later'],
] as const)('on text %i, question %s', (seed, when) => {
  const prompt = shortPrompt(seed, when);
  const seq = prompt.compressedAt;
  let prepared: Prepared;
  const runAll = (keep: number, lanes = all) => {
    if (!prepared || !engine.holds(prepared)) prepared = engine.prepare(prompt);
    return compare(engine, prepared, lanes, keep);
  };

  test('the full cache is its own measure, at any budget', () => {
    for (const keep of [0.1, 1]) {
      const [run] = runAll(keep, ['full']);
      expect(run).toMatchObject({
        kl: 0,
        agreement: 1,
        attentionKept: 1,
        sameAsFull: true,
        budget: { kept: seq, fits: keep === 1 },
      });
      expect(counts(run!)).toEqual(every(16, seq));
      expect(run!.bytes).toMatchObject({
        live: fullBytes(config, seq),
        full: fullBytes(config, seq),
        keys: 4 * 4 * 32 * 2 * seq,
        metadata: 0,
      });
      expect(run!.bytes.full).toBe(4 * 4 * seq * 32 * 2 * 2);
    }
  });

  test.each(budgets)(
    'at %d every evicting lane keeps exactly its budget in every head, in order, of the prompt',
    (keep) => {
      for (const run of runAll(keep, evicting)) {
        expect(run.budget).toEqual({ kept: Math.trunc(seq * keep), fits: true });
        for (const row of positions(run).flat()) {
          expect(row).toHaveLength(Math.trunc(seq * keep));
          expect([...new Set(row)].sort((a, b) => a - b)).toEqual(row);
          expect(row.every((position) => position >= 0 && position < seq)).toBe(true);
        }
        expect(run.bytes.live).toBe(Math.trunc(seq * keep) * 16 * 128);
        expect(run.bytes.allocated).toBeGreaterThanOrEqual(run.bytes.live);
        expect(run.attentionKept > 0 && run.attentionKept < 1).toBe(true);
      }
    },
  );

  test('with the whole budget every evicting lane is the full cache, to the last bit', () => {
    const runs = runAll(1);
    const full = facts(runs.at(-1)!);
    for (const run of runs) expect(facts(run)).toEqual({ ...full, lane: run.lane, spec: run.spec });
  });

  test("the oracle keeps more of the answer's attention than any other lane", () => {
    for (const keep of budgets) {
      const runs = runAll(keep, evicting);
      const oracle = runs.find(({ lane }) => lane === 'oracle')!.attentionKept;
      for (const { lane, attentionKept } of runs)
        expect(attentionKept, `${lane} at ${keep}`).toBeLessThanOrEqual(oracle + 1e-12);
      const inverted = runAll(keep, ['inverted(oracle)'])[0]!.attentionKept;
      for (const { lane, attentionKept } of runs)
        expect(attentionKept, `${lane} at ${keep}`).toBeGreaterThanOrEqual(inverted - 1e-12);
    }
  });

  test('a lane says the same alone, among others, in any order and after any other budget', () => {
    const together = runAll(0.25).map(facts);
    all.forEach((lane, i) => expect(runAll(0.25, [lane]).map(facts)).toEqual([together[i]]));
    runAll(0.9, ['kivi', 'snapkv+kivi(bits=8)', 'inverted(h2o)']);
    runAll(0.01);
    expect(
      runAll(0.25, [...all].reverse())
        .map(facts)
        .reverse(),
    ).toEqual(together);
    expect(runAll(0.25, every(8, 'tova')).map(facts)).toEqual(every(8, together[6]));
    engine.prepare(shortPrompt(99));
    expect(runAll(0.25).map(facts)).toEqual(together);
  });

  test('what a policy promises can be seen in what is kept', () => {
    const [streaming, tova, h2o, worst, snap, one, two] = runAll(0.25, [
      'streaming-llm',
      'tova',
      'h2o',
      'inverted(h2o)',
      'snapkv',
      'random',
      'random(seed=5)',
    ]).map(positions);
    const n = Math.trunc(seq / 4);
    const ends = [0, 1, 2, 3, ...Array.from({ length: n - 4 }, (_, i) => seq - n + 4 + i)];
    expect(streaming).toEqual(every(4, every(4, ends)));
    for (const heads of tova!) expect(heads).toEqual(every(4, heads[0]));
    h2o!
      .flat()
      .forEach((row, head) => expect(row.filter((position) => worst!.flat()[head]!.includes(position))).toEqual([]));
    // A window of 64 is more than the budget; what fits of it is the newest.
    expect(snap).toEqual(
      every(
        4,
        every(
          4,
          Array.from({ length: n }, (_, i) => seq - n + i),
        ),
      ),
    );
    expect(one).not.toEqual(two);
    expect(new Set(one!.flat().map(String)).size).toBe(16);
  });

  test('nothing at all may be kept, and the lane still answers', () => {
    for (const run of runAll(0, evicting)) {
      expect(run).toMatchObject({ budget: { kept: 0, fits: true }, attentionKept: 0, bytes: { live: 0 } });
      expect(run.steps.length).toBeGreaterThan(0);
      expect(run.steps.every(({ logits }) => logits.every(Number.isFinite))).toBe(true);
    }
  });

  test('work is what the model really does', () => {
    runAll(1, ['full']);
    const before = engine.model.work;
    const [run] = runAll(1, ['full']);
    expect(run!.work.decode).toBe(engine.model.work - before);
    expect(run!.work.prefill).toBe(prepared.prefilled.work);
  });
});

describe('codecs', () => {
  // At 128 tokens and a quarter a head has 4,096 bytes. 97 tokens take 4,044 of them: keys 96 * 8 + 64, values 65 * 8 + 32 * 64, and 96 + 65
  // scales and zeros at 4. 98 take 76 more, and no larger number fits until all 128 take 4,736.
  test('fit more tokens into the same bytes: SnapKV and KIVI', () => {
    const [run, plain] = compare(
      engine,
      engine.prepare(shortPrompt(4)),
      ['snapkv(window=16)+kivi', 'snapkv(window=16)'],
      0.25,
    );
    expect([run!.budget, plain!.budget]).toEqual([
      { kept: 97, fits: true },
      { kept: 32, fits: true },
    ]);
    expect(run!.bytes).toMatchObject({
      keys: 16 * 832,
      values: 16 * 2568,
      metadata: 16 * 644,
      live: 16 * 4044,
      full: 16 * 16384,
    });
    expect(run!.attentionKept).toBeGreaterThan(plain!.attentionKept);
  });

  test('alone keep everything and say when that does not fit; eight bits hardly change what is said, two do', () => {
    const [eight, two] = compare(engine, engine.prepare(shortPrompt(4)), ['kivi(bits=8)', 'kivi'], 0.25);
    for (const run of [eight!, two!])
      expect(run).toMatchObject({ attentionKept: 1, budget: { kept: 128, fits: false } });
    expect(two!.bytes.live).toBe(16 * 4736);
    expect(eight!.kl).toBeLessThan(0.01);
    expect(eight!.kl).toBeGreaterThan(0);
    expect(two!.kl).toBeGreaterThan(eight!.kl);
  });
});

describe('what is asked of it', () => {
  test('more than eight lanes are refused', () => {
    const prepared = engine.prepare(shortPrompt(1));
    expect(() => compare(engine, prepared, every(9, 'h2o'), 0.5)).toThrow('A comparison has at most 8 lanes, not 9.');
    expect(compare(engine, prepared, [], 0.5)).toEqual([]);
  });

  // Once, a comparison went on with the cache of another text, and its numbers were wrong.
  test('a prompt that is no longer in the cache is refused', () => {
    const first = engine.prepare(shortPrompt(1));
    expect(engine.holds(first)).toBe(true);
    const second = engine.prepare(shortPrompt(2));
    expect([engine.holds(first), engine.holds(second)]).toEqual([false, true]);
    expect(() => compare(engine, first, ['full'], 1)).toThrow('Another prompt was read since this one was prepared.');
    engine.answerAll(textPrompt(['<bos>', 'it', 'rained', '.']), []);
    expect(engine.holds(second)).toBe(false);
  });

  test('many questions at once have the answers that each has alone', () => {
    const text = writeText(6, { length: 256, kinds: defaultKinds });
    const prompt = textPrompt(text.words);
    const together = engine.answerAll(
      prompt,
      text.questions.map(({ words }) => prompt.tokenizer.encode(words)),
    );
    expect(text.questions.length).toBeGreaterThan(8);
    text.questions.forEach((_, i) => {
      const alone = engine.prepare(seededPrompt(6, { length: 256 }, i, 'later')).reference.map(({ token }) => token);
      expect(together[i]).toEqual(alone);
    });
  });

  test('right is what was expected, and is left open where nobody knows', () => {
    const own = compare(
      engine,
      engine.prepare(typedPrompt('The code for the mill is 22 27.', 'What is the code for the mill?', 'later')),
      ['full'],
      1,
    )[0]!;
    expect([own.right, own.sameAsFull]).toEqual([undefined, true]);
    for (let seed = 0; seed < 6; seed++) {
      const prompt = shortPrompt(seed);
      for (const run of compare(engine, engine.prepare(prompt), ['full', 'random'], 0.1)) {
        expect(run.right).toBe(run.answer.join(' ') === prompt.expected!.join(' '));
        expect(run.answer).not.toContain('.');
      }
    }
  });

  test('the longest text, with eight lanes that all need copies of their own, fits into the memory', () => {
    const prepared = engine.prepare(typedPrompt('rain '.repeat(1100), 'where is the rain '.repeat(20), 'visible'));
    const runs = compare(engine, prepared, every(8, 'kivi'), 1);
    expect(runs.map(({ bytes }) => bytes.live)).toEqual(every(8, runs[0]!.bytes.live));
    expect(compare(engine, prepared, every(8, 'random+kivi(bits=8)'), 0.6)).toHaveLength(8);
  });
});
