/** What must be true of every member of every role, alone and together. The index drives it: a member without a row below fails. */
import { readFileSync, readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LaneRun } from '../../src/engine/engine.ts';
import { best } from '../../src/engine/eviction/select.ts';
import { missingTensors } from '../../src/engine/eviction/trace.ts';
import { defaultTerms, parseLane, printLane, termOf, type LaneSpec } from '../../src/engine/lane-spec.ts';
import { roles, type Role } from '../../src/engine/member.ts';
import { memberOf, members, membersOf } from '../../src/engine/members.ts';
import { fitted, makePlan, makeScorer, makeSelector } from '../../src/engine/plan.ts';
import { defaults, parseSettings } from '../../src/engine/settings.ts';
import { layerOf, randomTensors, scoresOf, type Sizes } from './eviction/layers.ts';
import { engineOf, shortPrompt } from './harbour.ts';
import { range } from './lanes.ts';
import { specs } from './specs.ts';

/** Terms of each member, with settings beside the defaults that do something on a short text. A budget shares out the score that stands for the star. */
const rows: Readonly<Record<string, readonly string[]>> = {
  adakv: ['adakv(*)', 'adakv(*,safeguard=0)'],
  'after-prompt': ['after-prompt'],
  'between-turns': ['between-turns'],
  block: ['block(*)', 'block(*,size=5)'],
  'by-entropy': ['by-entropy(*)', 'by-entropy(*,least=0)'],
  'by-layer': ['by-layer(*)', 'by-layer(*,shares=0.5:1)'],
  cachegen: ['cachegen(bits=2)'],
  cake: ['cake(*)', 'cake(*,window=4,tau2=2)'],
  cam: ['cam', 'cam(neighbours=4,seed=3)'],
  capkv: ['capkv', 'capkv(tau=1,sinks=0)'],
  chunk: ['chunk(*)', 'chunk(*,length=24)'],
  chunkkv: ['chunkkv(*)', 'chunkkv(*,length=6)'],
  compact: ['compact', 'compact(order=false)'],
  compactor: ['compactor', 'compactor(first=1,last=1,chunk=8,sketch=4,adaptive=false)'],
  composite: ['composite(*)'],
  compresskv: ['compresskv', 'compresskv(heads=1,window=2)'],
  'critical-adakv': ['critical-adakv(*)', 'critical-adakv(*,safeguard=0,first=0.25)'],
  criticalkv: ['criticalkv(snapkv(window=8))', 'criticalkv(knorm,first=0)'],
  cur: ['cur', 'cur(values=false,window=4)', 'cur(mean=true,sinks=0)'],
  d2o: ['d2o', 'd2o(alpha=0.9)'],
  drop: ['drop'],
  'duo-attention': ['duo-attention', 'duo-attention(sinks=1,recent=4)'],
  every: ['every(1)', 'every(3)', 'every(3,growing=true)'],
  everything: ['everything'],
  'expected-attention': ['expected-attention', 'expected-attention(future=16,covariance=false,sinks=1)'],
  finch: ['finch', 'finch(window=3,normalize=false)'],
  fp8: ['fp8(exponent=5,scaled=true)'],
  full: ['full'],
  h2o: ['h2o', 'h2o(average=false,recent=0.5)', 'h2o(recent=1)'],
  intentkv: ['intentkv', 'intentkv(decay=0,span=4,sinks=3)'],
  infinigen: ['infinigen', 'infinigen(channels=2,alpha=1)'],
  infllm: ['infllm', 'infllm(block=4,typical=1,window=4)'],
  inverted: ['inverted(h2o)', 'inverted(streaming-llm)', 'inverted(snapkv(window=8))'],
  iq4_nl: ['iq4_nl'],
  keydiff: ['keydiff'],
  kivi: ['kivi', 'kivi(bits=4,group=8,residual=8)', 'kivi(channels=false,group=8,residual=8)'],
  knorm: ['knorm'],
  kvcompose: ['kvcompose', 'kvcompose(common=false)'],
  kvflash: [
    'kvflash(every=2)',
    'kvflash(scorer=drafter,window=0)',
    'kvflash(scorer=lru,chunk=4)',
    'kvflash(scorer=oracle,every=1)',
  ],
  kvquant: ['kvquant(bits=2,outliers=0.05)'],
  kvzip: ['kvzip', 'kvzip(sinks=4)'],
  lagkv: ['lagkv', 'lagkv(lag=4,sinks=1,ranks=false)'],
  'layer-errors': ['layer-errors(*)', 'layer-errors(*,least=0,most=1.5)'],
  leverage: ['leverage', 'leverage(sketch=8,seed=3)'],
  lookahead: ['lookahead', 'lookahead(every=1,threshold=0.9)'],
  'low-rank': ['low-rank(rank=5)'],
  merge: ['merge', 'merge(threshold=0.8)'],
  'noncausal-attn': ['noncausal-attn', 'noncausal-attn(chunk=8)'],
  'observed-attention': ['observed-attention'],
  'one-set': ['one-set(*)'],
  only: ['only(kivi(group=8,residual=8),layer=1)', 'only(per-token(bits=2),layer=2,others=true)'],
  oracle: ['oracle'],
  'per-channel': ['per-channel(bits=2,group=8,symmetric=true)'],
  'per-layer': ['per-layer', 'per-layer(kivi(bits=8,group=8,residual=8),kivi(bits=3,group=16,residual=16),first=1)'],
  'per-tensor': ['per-tensor(bits=3)'],
  'per-token': ['per-token(bits=2,group=8)'],
  polarquant: ['polarquant'],
  polykv: ['polykv', 'polykv(worst=true)', 'polykv(plan=4:2:0)'],
  pool: ['pool(*)'],
  protected: ['protected(random)', 'protected(h2o,first=0,last=4)'],
  pyramid: ['pyramid(*)', 'pyramid(*,beta=4)'],
  'q-filter': ['q-filter'],
  q4_0: ['q4_0'],
  q4_1: ['q4_1'],
  q5_0: ['q5_0'],
  q5_1: ['q5_1'],
  q8_0: ['q8_0'],
  qjl: ['qjl(signs=2,group=8)'],
  quest: ['quest', 'quest(top=1,page=4,dense=0)'],
  qvg: ['qvg(centroids=4,stages=2)'],
  'r-kv': ['r-kv', 'r-kv(window=2,kernel=3,mix=0.5)'],
  random: ['random', 'random(seed=9)'],
  records: ['records(top=4,bytes=12)', 'records(top=2)', 'records(top=4,span=64)'],
  rerotate: ['rerotate'],
  shadowkv: ['shadowkv', 'shadowkv(rank=4,chunk=4,outliers=1)'],
  simlayerkv: ['simlayerkv', 'simlayerkv(threshold=0.2,recent=8)'],
  snapkv: ['snapkv', 'snapkv(window=8)', 'snapkv(window=1,kernel=1)'],
  stages: ['stages(*)', 'stages(*,count=3,recover=false)'],
  'streaming-llm': ['streaming-llm', 'streaming-llm(sinks=0)'],
  think: ['think(ratio=0.3,window=4)'],
  threshold: ['threshold(*)', 'threshold(*,at=0.02,window=4)'],
  tova: ['tova'],
  triattention: ['triattention', 'triattention(reach=3)', 'triattention(norm=false)'],
  turboquant: ['turboquant(bits=3,signs=true)'],
  uniform: ['uniform(*)'],
  'whole-heads': ['whole-heads(*)', 'whole-heads(*,share=0.6)'],
};

const textsOf = (role: Role) => membersOf(role).flatMap(({ name }) => rows[name] ?? []);

/** Where the members of a role live, and how they are declared. */
const folders: Readonly<Record<Role, readonly [folder: string, declared: string]>> = {
  score: ['eviction', 'defineScore'],
  budget: ['budget', 'defineBudget'],
  schedule: ['schedule', 'defineSchedule'],
  fate: ['fate', 'defineFate'],
  codec: ['quantization', 'defineCodec'],
  retrieval: ['retrieval', 'defineRetrieval'],
};

describe('the index', () => {
  test('every member has a row here, and every row a member', () => {
    expect(Object.keys(rows)).toEqual(members.map(({ name }) => name).sort());
    for (const [name, texts] of Object.entries(rows)) {
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts) expect(termOf(text.replace('*', 'knorm')).name).toBe(name);
    }
  });

  test('no two members share a name, whatever their roles', () => {
    expect(new Set(members.map(({ name }) => name)).size).toBe(members.length);
    for (const member of members) expect(memberOf(member.name)).toBe(member);
  });

  test.each(roles)('the role %s: alphabetical, and one member a file of its folder, under its own name', (role) => {
    const [folder, declared] = folders[role];
    const url = new URL(`../../src/engine/${folder}/`, import.meta.url);
    const files = readdirSync(url).filter((file) =>
      readFileSync(new URL(file, url), 'utf8').includes(`= ${declared}({`),
    );
    const names = membersOf(role).map(({ name }) => name);
    expect(names).toEqual(files.map((file) => file.replace('.ts', '')).sort());
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const declarations = readFileSync(new URL(`${name}.ts`, url), 'utf8').split(`= ${declared}({`);
      expect(declarations).toHaveLength(2);
      expect(declarations[1]).toMatch(new RegExp(`^\\s*name: '${name}',`));
    }
  });
});

describe.each(members)('$name', ({ name, settings, caption, source, wraps = [] }) => {
  test('its defaults are settings that it allows', () => {
    const pairs = Object.entries(defaults(settings)).map(([key, value]) => [key, String(value)] as const);
    expect(parseSettings(settings, pairs)).toEqual({ settings: defaults(settings), problems: [] });
  });

  test('it says what it is called, what it does, and where that comes from', () => {
    for (const text of [name, caption.name, caption.idea, source]) expect(text).toMatch(/^\S(.*\S)?$/);
    expect(caption.idea).not.toMatch(/\.$/);
    for (const setting of Object.values(settings)) expect(setting.about).toMatch(/^[A-Z].*\.$/);
  });

  // A default that wraps others in its turn could be too deep where the wrapper is not.
  test('what it wraps by itself is of the right role, and wraps nothing', () => {
    for (const { role, default: text } of wraps) {
      const inner = memberOf(termOf(text).name)!;
      expect(inner.role).toBe(role);
      expect(inner.wraps ?? []).toEqual([]);
    }
  });
});

const layers = fc
  .record({
    seq: fc.integer({ min: 5, max: 24 }),
    kvHeads: fc.integer({ min: 1, max: 3 }),
    group: fc.integer({ min: 1, max: 3 }),
    // RoPE turns pairs.
    headDim: fc.constantFrom(2, 4, 6),
    seed: fc.nat(),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ group, seed, share, ...sizes }) => ({
    seed,
    share,
    sizes: { ...sizes, heads: sizes.kvHeads * group } satisfies Sizes,
  }));

describe('scores, on random tensors', () => {
  test.each(textsOf('score'))('%s keeps exactly the budget, with finite scores, and the same twice', (text) => {
    fc.assert(
      fc.property(layers, ({ seed, share, sizes }) => {
        const layer = layerOf(randomTensors(seed, sizes));
        const kept = Math.floor(share * sizes.seq);
        const term = fitted(termOf(text), sizes.seq, kept);
        const scores = makeScorer(term).score(layer, kept);
        expect(scores.map((row) => row.length)).toEqual(new Array(sizes.kvHeads).fill(sizes.seq));
        expect(scores.every((row) => row.every(Number.isFinite))).toBe(true);
        const entries = scores.map((row) => [...best(row, kept)]);
        for (const row of entries) expect([...new Set(row)].sort((a, b) => a - b)).toEqual(row);
        expect(entries.map((row) => row.length)).toEqual(new Array(sizes.kvHeads).fill(kept));
        expect(makeScorer(term).score(layer, kept)).toEqual(scores);
      }),
      { numRuns: 40 },
    );
  });

  test.each(membersOf('score'))('every alternative in what $name needs suffices, with the default settings', (rule) => {
    const all = randomTensors(1, { seq: 80, heads: 4, kvHeads: 2, headDim: 4 });
    const inner = (rule.wraps ?? []).map(({ default: text }) => text);
    const inside = inner.map((text) => membersOf('score').find(({ name }) => name === termOf(text).name)!);
    for (const names of rule.needs) {
      // The values are always there: without a tensor of KV heads, a layer cannot know how many it has. What is wrapped has its own needs.
      const needed = new Set<string>(['values', ...names, ...inside.flatMap(({ needs }) => needs[0]!)]);
      const given = Object.fromEntries(Object.entries(all).filter(([name]) => needed.has(name)));
      expect(missingTensors([rule, ...inside], (name) => name in given)).toBeUndefined();
      const scores = scoresOf(rule, layerOf(given), 20).flat();
      scoresOf(rule, layerOf(all), 20)
        .flat()
        .forEach((score, at) => expect(scores[at]).toBeCloseTo(score, 5));
    }
  });
});

describe('on the model', () => {
  const engine = engineOf();
  const prepared = engine.prepare(shortPrompt(12, 'later', { turns: 2 }));
  const tokens = prepared.prompt.compressedAt;
  const { pool } = engine.model.store;

  const specOf = (text: string): LaneSpec => {
    const { spec, problems } = parseLane(text);
    expect(problems).toEqual([]);
    return spec;
  };

  /** A run without the numbers of its blocks: which ones are free depends on what ran before. */
  const repeatable = (run: LaneRun) => ({
    ...run,
    events: run.events.map((event) => ('block' in event ? { ...event, block: 0 } : event)),
  });

  const exact = 1e-6;

  /** @param slack bytes that rounding may cost */
  function expectSound(run: LaneRun, keep: number, slack: number) {
    const plan = makePlan(run.spec);
    const counts = run.kept.flat().map(({ length }) => length);
    expect(run.kept.map((heads) => heads.length)).toEqual([4, 4, 4, 4]);
    for (const row of run.kept.flat()) {
      expect(row.every((token, i) => Number.isInteger(token) && token > (row[i - 1] ?? -1) && token < tokens)).toBe(
        true,
      );
    }
    expect(run.bytes.full).toBe(tokens * 16 * 32 * 2 * 2);
    if (plan.keepsAll) {
      expect(counts).toEqual(new Array(16).fill(tokens));
      expect(run.budget.fits).toBe(run.bytes.live <= keep * run.bytes.full + exact);
    } else {
      expect(run.bytes.live).toBeLessThanOrEqual(keep * run.bytes.full + slack);
      if (slack === exact) expect(run.budget.fits).toBe(true);
    }
    expect(run.budget.kept).toBeCloseTo(counts.reduce((a, b) => a + b, 0) / 16, 9);
    // The newest entries that a rule promises to keep stay wherever there is room for them; where there is not, all room is theirs.
    const votes = prepared.prompt.judgedAt - prepared.prompt.compressedAt;
    for (const heads of run.kept) {
      // A window never takes more than half of its layer's budget, and a token of it may have a vote and no place.
      const half = Math.min(run.budget.kept, heads.reduce((sum, { length }) => sum + length, 0) / heads.length) / 2;
      const promise = makeSelector(plan.spec, plan.scorer).scorer.window ?? 0;
      const window = plan.keepsAll ? 0 : Math.min(promise, Math.max(1, Math.trunc(half))) - votes;
      for (const row of heads) {
        const promised = Math.max(0, Math.min(window, row.length));
        expect([...row.slice(row.length - promised)]).toEqual(range(tokens - promised, tokens));
      }
    }
    expect(run.turns.map(({ steps }) => steps.length > 0)).toEqual([true, true]);
    expect(Number.isFinite(run.kl) && run.kl > -1e-9).toBe(true);
    expect(run.agreement >= 0 && run.agreement <= 1).toBe(true);
    expect(run.attentionKept >= 0 && run.attentionKept <= 1 + 1e-6).toBe(true);
  }

  /** Runs lanes side by side, and each once more alone: that is the same, and leaves no block behind. */
  function expectAllSound(texts: readonly string[], keep: number, slack = exact) {
    const before = pool.size - pool.free;
    const lanes = texts.map(specOf);
    for (let from = 0; from < lanes.length; from += 8) {
      const together = engine.compare(prepared, lanes.slice(from, from + 8), keep);
      together.forEach((run, i) => {
        const at = `${texts[from + i]} at ${keep}`;
        try {
          expectSound(run, keep, slack);
        } catch (error) {
          throw new Error(`${at}: ${(error as Error).message}`, { cause: error });
        }
        const [alone] = engine.compare(prepared, [lanes[from + i]!], keep);
        expect(isDeepStrictEqual(repeatable(alone!), repeatable(run)), `${at} again`).toBe(true);
      });
    }
    expect(pool.size - pool.free).toBe(before);
  }

  const others = roles.filter((role) => role !== 'score');
  /** A lane of a score and some other terms, of which a budget takes the score in. */
  const laneOf = (score: string, texts: readonly string[]) => {
    const [budget] = texts.filter((text) => text.includes('*'));
    const rest = texts.filter((text) => text !== budget);
    return [(budget ?? '*').replace('*', score), ...rest].join('+');
  };

  test.each([0.02, 0.25, 1])('every score alone, at %d', (keep) => {
    expectAllSound(textsOf('score'), keep);
  });

  describe('snapkv with every pair of other members', () => {
    // What a lane does anyway is not written out: it would make the same lane again. Of each member its last row, the furthest from what it does by itself.
    const said = (role: Role) =>
      membersOf(role).flatMap(({ name }) => (name === defaultTerms[role] ? [] : (rows[name]?.at(-1) ?? [])));
    const pairs = others.flatMap((role, i) =>
      others.slice(role === 'fate' ? i : i + 1).map((other): [Role, Role] => [role, other]),
    );

    test.each(pairs)('%s and %s', (role, other) => {
      const texts = said(role).flatMap((text) => said(other).map((one) => laneOf('snapkv(window=8)', [text, one])));
      expectAllSound(texts, 0.15);
    });
  });

  const maybe = (role: Role) => fc.option(fc.constantFrom(...textsOf(role)), { nil: undefined });
  const combination = fc
    .tuple(
      fc.constantFrom(...textsOf('score')),
      maybe('budget'),
      maybe('schedule'),
      fc.array(fc.constantFrom(...textsOf('fate')), { maxLength: 3 }),
      maybe('codec'),
      maybe('retrieval'),
    )
    .map(([score, budget, schedule, fates, codec, retrieval]) =>
      laneOf(
        score,
        [budget, schedule, ...fates, codec, retrieval].filter((text) => text !== undefined),
      ),
    );
  const share = fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100);

  test('any score with any budget, schedule, fates, codec and way to read', () => {
    fc.assert(
      fc.property(fc.array(combination, { minLength: 1, maxLength: 8 }), share, (texts, keep) =>
        expectAllSound(texts, keep),
      ),
      { numRuns: 20 },
    );
  });

  // Scales of groups whose size is no power of two are shares that a 32-bit float rounds: an eighth of a byte in 262144.
  test('any lane that can be written', () => {
    fc.assert(
      fc.property(fc.array(specs.map(printLane), { minLength: 1, maxLength: 8 }), share, (texts, keep) =>
        expectAllSound(texts, keep, 0.125),
      ),
      { numRuns: 20 },
    );
  });

  test('a rule without a budget, a codec or anything beside keeps the same number in every head, cut off', () => {
    fc.assert(
      fc.property(fc.constantFrom(...textsOf('score').filter((text) => text !== 'full')), share, (text, keep) => {
        const [run] = engine.compare(prepared, [specOf(text)], keep);
        expect(run!.kept.flat().map(({ length }) => length)).toEqual(new Array(16).fill(Math.trunc(keep * tokens)));
        expect(run!.budget.fits).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  // Scores are remembered from one budget to the next, where they do not depend on it.
  test('what was asked before makes no difference', () => {
    const lanes = textsOf('score').flatMap((score) => [score, laneOf(score, ['pyramid(*,beta=4)'])]);
    const again = engine.prepare(prepared.prompt);
    for (let from = 0; from < lanes.length; from += 8) {
      const some = lanes.slice(from, from + 8).map(specOf);
      for (const keep of [0.05, 0.6, 0.3]) engine.start(again, some, keep).cancel();
      const fresh = engine.prepare(prepared.prompt);
      const [dragged, first] = [again, fresh].map((each) => engine.compare(each, some, 0.4).map(({ kept }) => kept));
      expect(dragged).toEqual(first);
      engine.release(fresh);
    }
    engine.release(again);
  });

  test('no member is without effect: what a lane does not do anyway changes what happens', () => {
    const [, snapkv] = engine.compare(prepared, ['full', 'snapkv(window=8)'].map(specOf), 0.3);
    const happened = ({ kept, bytes, events, steps }: LaneRun) => ({
      kept,
      bytes,
      events,
      logits: steps.map((step) => step.logits),
    });
    const usual = Object.values(defaultTerms);
    for (const { name } of others.flatMap((role) => membersOf(role)).filter((member) => !usual.includes(member.name))) {
      const runs = engine.compare(
        prepared,
        rows[name]!.map((text) => specOf(laneOf('snapkv(window=8)', [text]))),
        0.3,
      );
      const same = runs.filter((run) => isDeepStrictEqual(happened(repeatable(run)), happened(repeatable(snapkv!))));
      expect(same.length, name).toBeLessThan(runs.length);
    }
  });
});
