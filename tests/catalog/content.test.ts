import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { engineIds, problemsOf, siblingsOf, slugOfEngine } from '../../src/catalog/check.ts';
import { proseProblems } from '../../src/catalog/prose.ts';
import { laneOf } from '../../src/catalog/rows.ts';
import { parseLane, type Term } from '../../src/engine/lane-spec.ts';
import { membersOf } from '../../src/engine/members.ts';
import { roles } from '../../src/engine/member.ts';
import { entries, entry, files, parse } from './entries.ts';

// Their addresses are published: a name on these lists never changes.
const founding = [
  'notes-at-prefill',
  'gategpt',
  'attemory',
  'triattention',
  'kv-compression-infra',
  'dflash',
  'kvflash',
  'kv-runtime-agents',
  'parallel-synthesis',
  'kv-cat',
  'infinitekv',
  'flashmemory',
  'llama-cpp-swap',
  'dense-latent-communication',
  'rksc',
  'intentkv',
  'alignment-collapse',
  'prefilling-dllm',
  'forgetting-wall',
  'reroute',
  'tied-projections',
  'compresskv',
  'polykv',
];
const baselines = [
  'full-cache',
  'random',
  'oracle',
  'streaming-llm',
  'h2o',
  'tova',
  'snapkv',
  'pyramidkv',
  'adakv',
  'expected-attention',
  'kvzip',
  'keydiff',
  'knorm',
  'lagkv',
  'r-kv',
  'duoattention',
  'think',
  'quest',
  'minference',
  'nsa',
  'dsa',
  'kivi',
  'kvquant',
  'turboquant',
  'polarquant',
  'qjl',
  'mqa',
  'gqa',
  'mla',
  'pagedattention',
  'radixattention',
  'cacheblend',
  'lmcache',
  'mooncake',
  'cachegen',
];

describe('every file is an entry', () => {
  test.for(files)('%s', (file) => {
    const { result, body } = parse(
      readFileSync(join(resolve(import.meta.dirname, '../../content/methods'), file), 'utf8'),
    );
    expect(result.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []).toEqual([]);
    expect(proseProblems(body)).toEqual([]);
  });
});

test('each of the 23 founding systems is there, with its number', () => {
  expect(founding.map((id) => entry(id).data.founding)).toEqual(founding.map((_, i) => i + 1));
});

test('the founding systems say where to read of them, and what they claim', () => {
  const incomplete = founding.map(entry).filter(({ data }) => !data.links.length || !data.claims.length);
  expect(incomplete.map(({ id }) => id)).toEqual([]);
});

test('at least 32 baselines are there, and none of those listed is missing', () => {
  expect(entries.filter(({ data }) => !data.founding).length).toBeGreaterThanOrEqual(32);
  expect(baselines.filter((id) => !entries.some((entry) => entry.id === id))).toEqual([]);
});

test('no claim stands without its setting and its source', () => {
  const bare = entries.flatMap(({ id, data }) =>
    data.claims
      .filter(
        ({ model, benchmark, budget, baseline, source, date }) =>
          ![model, benchmark, budget, baseline, date].every((text) => text.trim()) || !source.startsWith('http'),
      )
      .map(({ number }) => `${id}: ${number}`),
  );
  expect(bare).toEqual([]);
});

test('no claim stands of whose setting nothing at all is known', () => {
  const unknown = (text: string) => /^not stated/.test(text);
  const empty = entries.flatMap(({ id, data }) =>
    data.claims
      .filter(
        ({ model, benchmark, budget, baseline, caveat }) =>
          [model, benchmark, budget, baseline].every(unknown) && !caveat,
      )
      .map(({ number }) => `${id}: ${number}`),
  );
  expect(empty).toEqual([]);
});

test('every reference leads to an entry, every lane runs, and the engine and the catalog know the same names', () => {
  expect(problemsOf(entries)).toEqual([]);
});

test('every member of the engine needs an entry, but for those that a lane has when nobody says', () => {
  const names = roles.flatMap((role) => membersOf(role).map(({ name }) => name));
  expect(names.filter((name) => !engineIds.includes(name)).sort()).toEqual([
    'after-prompt',
    'drop',
    'everything',
    'uniform',
  ]);
  expect(engineIds.filter((id) => !names.includes(id))).toEqual([]);
});

const namesIn = ({ name, terms }: Term): string[] => [name, ...terms.flatMap(namesIn)];

test.for(engineIds)('the engine has %s, and so has the catalog', (id) => {
  const lane = laneOf(entry(slugOfEngine(id)).data);
  const { spec, problems } = parseLane(lane ?? '');
  expect(problems).toEqual([]);
  expect(siblingsOf(id)).toContain(id);
  expect(spec.terms.flatMap(namesIn).some((name) => siblingsOf(id).includes(name))).toBe(true);
});

test('an entry tells of several members only where they are of one kind, or a rule and the way it shares out', () => {
  const together = new Map(engineIds.map((id) => [slugOfEngine(id), siblingsOf(id)]));
  expect(Object.fromEntries([...together].filter(([, ids]) => ids.length > 1))).toEqual({
    duoattention: ['duo-attention', 'whole-heads'],
    'ggml-cache-types': ['iq4_nl', 'q4_0', 'q4_1', 'q5_0', 'q5_1', 'q8_0'],
    kvcompose: ['composite', 'kvcompose'],
    'plain-quantization': ['per-channel', 'per-tensor', 'per-token'],
  });
});

test('the catalog runs nothing that the engine does not have', () => {
  const lanes = entries.flatMap(({ data }) => laneOf(data) ?? []);
  expect(lanes.flatMap((lane) => parseLane(lane).problems)).toEqual([]);
});

describe('what does not hold together is named', () => {
  const broken = (id: string, change: object) =>
    problemsOf(entries.map((one) => (one.id === id ? { ...one, data: { ...one.data, ...change } } : one)));

  test('a reference that leads nowhere, or to itself', () => {
    expect(broken('h2o', { buildsOn: ['nowhere'] })).toEqual(['h2o: buildsOn names "nowhere", which is no entry.']);
    expect(broken('h2o', { comparedWith: ['h2o'] })).toEqual(['h2o: comparedWith names "h2o", which is itself.']);
  });

  test('a lane that the engine does not read', () => {
    expect(broken('nsa', { runs: { lane: 'nsa' } })).toEqual(['nsa: runs "nsa": There is no method "nsa".']);
  });

  test.for(engineIds)('%s, when its entry is missing or does not run it', (id) => {
    const slug = slugOfEngine(id);
    expect(problemsOf(entries.filter((one) => one.id !== slug))).toContain(
      `The engine has "${id}", and there is no content/methods/${slug}.md.`,
    );
    // The full cache stands in for another method, and where it is meant, another method for it.
    const other = id === 'full' ? 'random' : 'full';
    for (const runs of [{ notYet: 'for no reason at all' }, { lane: other }]) {
      expect(broken(slug, { runs })).toEqual(
        siblingsOf(id).map((one) => `${slug}: the engine has "${one}", and runs.lane does not name it.`),
      );
    }
  });

  test('a member inside a lane whose entry is missing', () => {
    const without = problemsOf(entries.filter(({ id }) => id !== 'snapkv'));
    expect(without).toContain('adakv: runs "snapkv", which has no entry.');
  });

  test('a number of the founding list that is given twice', () => {
    expect(broken('h2o', { founding: 23 })).toEqual(['Number 23 of the founding list is given twice.']);
  });
});
