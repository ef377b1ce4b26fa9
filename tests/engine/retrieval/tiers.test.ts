/** What must be true of every lane with two memories. */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { cacheBytes } from '../../../src/engine/measure/bytes.ts';
import { fullBytes } from '../../../src/engine/room.ts';
import { frameBytes, heldTokens, Timeline } from '../../../src/engine/timeline.ts';
import { shapeOf } from '../films.ts';
import { compare, config, engineOf, shortPrompt } from '../harbour.ts';
import { laneOf, range } from '../lanes.ts';

const engine = engineOf();
const prepared = engine.prepare(shortPrompt(12, 'later', { turns: 2 }));
afterAll(() => {
  engine.release(prepared);
});
const { prompt, prefix } = prepared;
const shape = shapeOf(prompt);
const heads = config.layers * config.kvHeads;
const full = fullBytes(config, prompt.compressedAt);

const exact = ['lru', 'qk', 'drafter', 'oracle'].flatMap((scorer) =>
  [1, 3].map((every) => `kvflash(scorer=${scorer},every=${every})`),
);
/** Lanes that keep something near beside the entries, or write them smaller: the two memories add up to something else than the full cache. */
const filed = [
  'records(top=2,bytes=12)',
  'records(top=8)',
  'infinigen',
  'infinigen(channels=2)',
  'shadowkv',
  'shadowkv(rank=2,chunk=4)',
];
const lanes = [
  ...exact,
  'infllm',
  'infllm(block=4,typical=1)',
  'lookahead(every=2)',
  'lookahead(threshold=0.9)',
  'kvflash(chunk=3,window=0)',
  ...filed,
];
const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);

test('at every tick: no more near than the budget, and what is near and with the host is everything', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...lanes), { minLength: 1, maxLength: 3 }), share, (some, keep) => {
      for (const run of compare(engine, prepared, some, keep)) {
        const film = new Timeline(run.events, shape, prefix.events);
        const compressed = film.phases.lastIndexOf('compress') + 1;
        for (let tick = compressed; tick <= film.ticks; tick++) {
          const frame = film.seek(tick);
          const bytes = frameBytes(frame, shape, prompt.compressedAt);
          expect(bytes.live, `${run.lane} at ${tick}`).toBeLessThanOrEqual(keep * full + 1e-6);
          const held = range(0, heads).map((head) => heldTokens(frame, shape.tokens, head).length);
          expect(held).toEqual(range(0, heads).map(() => frame.read));
          if (!filed.includes(run.lane))
            expect(bytes.live + bytes.host - frame.besideHost.reduce((a, b) => a + b)).toBeCloseTo(full, 6);
        }
        expect(run.budget.fits).toBe(true);
      }
    }),
    // The smallest budgets first: a lane that reads a set number of entries must read fewer.
    {
      numRuns: 6,
      examples: [
        [filed, 0],
        [filed, 0.03],
        [lanes.slice(0, 3), 0],
      ],
    },
  );
});

test('a pass reads what is near, and nothing else; each step says what lay where', () => {
  for (const run of [lanes.slice(0, 7), lanes.slice(7)].flatMap((some) => compare(engine, prepared, some, 0.25))) {
    const steps = run.turns.flatMap((turn) => turn.steps);
    const film = new Timeline(run.events, shape, prefix.events);
    const answering = film.phases.flatMap((phase, tick) => (phase === 'answer' ? [tick] : []));
    expect(answering).toHaveLength(steps.length);
    steps.forEach((step, i) => {
      const { read, length } = step.looked!;
      // A word and the pass that chose it belong to one tick; only the first word's pass came before.
      const frame = film.seek(answering[i]! + 1);
      for (const head of range(0, heads)) {
        const near = range(0, length).filter((token) => !frame.host[head * shape.tokens + token]);
        expect(range(0, length).filter((token) => read[head * length + token])).toEqual(near);
      }
      const bytes = frameBytes(frame, shape);
      expect(step.tiers!.resident).toBe(bytes.live);
      // The index takes the word's own key in just after its pass.
      expect(step.tiers!.host).toBeGreaterThan(0);
      expect(step.tiers!.host).toBeLessThanOrEqual(bytes.host);
      expect(step.tiers!.recall).toBe(frame.recall);
    });
    // What was carried for each step, and between the two questions, is all that was carried.
    const end = film.seek(Infinity).moved;
    const sum = (side: 'movedIn' | 'movedOut') => steps.reduce((total, { tiers }) => total + tiers![side], 0);
    expect(sum('movedIn')).toBeLessThanOrEqual(end.in);
    expect(sum('movedOut')).toBeLessThanOrEqual(end.out);
  }
});

test('whatever went and came back is what it was, to the last bit, in its place in the text', () => {
  for (const spec of exact) {
    const one = laneOf(engine, prepared, spec, 0.2);
    for (const token of prompt.turns.flatMap(({ tokens }) => tokens)) one.read(token);
    const { cache } = one.lane;
    expect(cache.moved.out).toBeGreaterThan(0);
    if (!spec.includes('lru')) expect(cache.moved.in).toBeGreaterThan(0);
    for (const head of range(0, heads)) {
      expect([...cache.positions(head)]).toEqual(range(0, cache.length));
      for (const entry of range(0, prompt.compressedAt)) {
        const [mine, first] = [cache.row(head, entry), prefix.cache.row(head, entry)];
        const same =
          cache.store.key(mine).every((x, c) => Object.is(x, cache.store.key(first)[c])) &&
          cache.store.value(mine).every((x, c) => Object.is(x, cache.store.value(first)[c]));
        if (!same) throw new Error(`${spec}: entry ${entry} of head ${head} is not what it was.`);
      }
    }
    one.lane.release();
  }
});

test('with room for all: the full cache, bit for bit', () => {
  // What is stored near beside the entries leaves no room for all of them, and a threshold fetches what it will.
  const never = /^(lookahead|infinigen|shadowkv)/u;
  const all = ['full', ...lanes.filter((lane) => !never.test(lane)), 'lookahead(threshold=0)'];
  const [first, ...others] = range(0, Math.ceil(all.length / 8)).flatMap((at) =>
    compare(engine, prepared, all.slice(8 * at, 8 * at + 8), 1),
  );
  const logits = (run: typeof first) => run!.turns.flatMap(({ steps }) => steps.map((step) => step.logits));
  for (const run of others) {
    expect(logits(run), run.lane).toEqual(logits(first));
    for (const { tiers } of run.steps)
      expect(tiers).toMatchObject({ host: expect.any(Number), movedIn: 0, movedOut: 0, recall: 1 });
  }
});

// The score of the oracle is the attention that the full cache pays; this is how much of it each lane had near, where it did as the full cache did.
describe('who knows what comes', () => {
  const had = (spec: string, keep: number, every: number) => {
    const one = laneOf(engine, prepared, spec, keep);
    const ahead = prepared.ground.ahead!;
    let sum = 0;
    const [first] = prompt.turns;
    for (let at = 0; at < first!.tokens.length; at++) {
      if (at) one.read(first!.tokens[at - 1]!);
      if (at % every) continue;
      // The next pass arranges; what it had near counts for as long as that stands.
      one.lane.append();
      const { host } = one.lane.cache.columns;
      const near = range(0, prompt.compressedAt).filter((token) => !host[token]);
      for (const paid of ahead.slice(at, at + every)) for (const token of near) sum += paid[token]!;
      one.lane.cache.truncate(one.lane.cache.length - 1);
    }
    one.lane.release();
    return sum;
  };

  test.each([0.5, 0.25, 0.125])('has at least as much near as who guesses, at %d', (keep) => {
    const oracle = had('kvflash(scorer=oracle,every=1)', keep, 1);
    const others = ['lru', 'qk', 'drafter'].map((scorer) => had(`kvflash(scorer=${scorer},every=1)`, keep, 1));
    expect(oracle).toBeGreaterThan(0);
    for (const other of others) expect(oracle).toBeGreaterThanOrEqual(other);
  });
});

test('bytes of the host are counted beside, and are in none of the others', () => {
  const one = laneOf(engine, prepared, 'kvflash(scorer=qk,chunk=8)', 0.25);
  const { live, host } = cacheBytes(one.lane.cache);
  expect(live).toBeLessThanOrEqual(0.25 * full);
  // 128 tokens are 16 chunks, each with a mean key of 32 numbers of 2 bytes in each of 16 heads.
  expect(live + host).toBe(full + 16 * 16 * 64);
  one.lane.release();
});
