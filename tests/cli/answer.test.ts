import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toEnd } from '../../src/engine/causes.ts';
import { seededPrompt, typedPrompt } from '../../src/engine/prompt.ts';
import { range } from '../engine/facts.ts';
import { compare, engineOf, vocabulary } from '../engine/harbour.ts';

const folder = mkdtempSync(join(tmpdir(), 'answer-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const own = join(folder, 'own.txt');
writeFileSync(own, 'The code for the vault is 12 34. Zebedee likes tea!\n');

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '../../src/cli/answer.ts'), ...args], { encoding: 'utf8' });

interface Lane {
  lane: string;
  answer_ids: number[];
  answer: string;
  right: boolean | null;
  top: { id: number; word: string; p: number }[][];
  logits?: number[][];
  read?: number[][][][];
  kept: number[][][];
  turns: { question: string; expected: string | null; answer: string; right: boolean | null; same_as_full: boolean }[];
  [key: string]: unknown;
}
interface Answer {
  tokens: number[];
  compressed_at: number;
  lanes: Lane[];
  [key: string]: unknown;
}

function json(...args: string[]): Answer {
  const { stdout, stderr, status } = cli(...args, '--json');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return JSON.parse(stdout) as Answer;
}

const engine = engineOf();
const names = ['full', 'snapkv', 'h2o+kivi(bits=4)'];
const laneArgs = names.flatMap((lane) => ['--lane', lane]);

describe.each(['later', 'visible'] as const)('JSON, question %s', (moment) => {
  const prompt = seededPrompt(vocabulary, 5, { length: 128, kinds: ['code', 'place'] }, 1, moment);
  const answer = json(
    ...laneArgs,
    '--keep',
    '0.3',
    '--seed',
    '5',
    '--length',
    '128',
    '--kinds',
    'code,place',
    '--index',
    '1',
    '--moment',
    moment,
    '--logits',
  );

  test('says what was asked', () => {
    const { lanes: _, ...rest } = answer;
    expect(rest).toEqual({
      model: 'harbour',
      seed: 5,
      moment,
      keep: 0.3,
      tokens: prompt.tokens,
      compressed_at: moment === 'later' ? 128 : prompt.tokens.length - 1,
      reading: 'whole',
      reused: 0,
      spliced: 0,
      text: prompt.words.slice(1, 128).join(' '),
      question: prompt.turns[0]!.question.words.join(' '),
      expected: prompt.turns[0]!.expected!.join(' '),
      problems: [],
    });
  });

  test("and what each lane did: the engine's own numbers", () => {
    const runs = compare(engine, engine.prepare(prompt), names, 0.3);
    answer.lanes.forEach((lane, i) => {
      const run = runs[i]!;
      const { top, logits, ...rest } = lane;
      expect(rest).toEqual({
        lane: names[i],
        answer_ids: run.steps.map(({ token }) => token),
        answer: run.answer.join(' '),
        right: run.right,
        kept: run.kept.map((heads) => heads.map((row) => [...row])),
        n_kept: run.budget.kept,
        fits: run.budget.fits,
        bytes: run.bytes,
        kl: run.kl,
        agreement: run.agreement,
        attention_kept: run.attentionKept,
        macs: run.work,
        turns: [
          {
            question: prompt.turns[0]!.question.words.join(' '),
            expected: prompt.turns[0]!.expected!.join(' '),
            answer: run.answer.join(' '),
            right: run.right,
            same_as_full: run.sameAsFull,
          },
        ],
      });
      expect(logits).toEqual(run.steps.map((step) => [...step.logits]));
      expect(top.map((five) => five.length)).toEqual(lane.answer_ids.map(() => 5));
      top.forEach((five, step) => {
        expect(five[0]!.id).toBe(lane.answer_ids[step]);
        expect(five.map(({ p }) => p)).toEqual(five.map(({ p }) => p).sort((a, b) => b - a));
        expect(five.reduce((sum, { p }) => sum + p, 0)).toBeLessThanOrEqual(1 + 1e-9);
      });
    });
    expect(answer.lanes[1]!.kept.flat().every((row) => row.length === Math.trunc(answer.compressed_at * 0.3))).toBe(
      true,
    );
  });
});

test('says on demand what each answer is owed to', () => {
  const prompt = seededPrompt(vocabulary, 5, { length: 128 }, 0, 'later');
  const prepared = engine.prepare(prompt);
  const { lanes } = json(...laneArgs, '--keep', '0.3', '--seed', '5', '--length', '128', '--causes');
  compare(engine, prepared, names, 0.3).forEach((run, i) => {
    expect(lanes[i]!['causes']).toEqual(
      toEnd(engine.causes(prepared, run, 0.3)).map(({ position, loss }) => ({
        position,
        word: prompt.words[position],
        loss,
      })),
    );
  });
  expect(lanes[0]!['causes']).not.toEqual([]);
});

describe("a text of one's own", () => {
  test('is read from a file, with names that the model never saw', () => {
    const prompt = typedPrompt(
      vocabulary,
      'The code for the vault is 12 34. Zebedee likes tea.',
      'What does Zebedee like?',
      'later',
    );
    const answer = json('--text', own, '--question', 'What does Zebedee like?', '--keep', '1');
    expect(answer).toMatchObject({
      seed: null,
      expected: null,
      tokens: prompt.tokens,
      compressed_at: 14,
      text: 'the code for the vault is 12 34 . zebedee likes tea .',
      question: 'what does zebedee like ?',
      lanes: [{ lane: 'full', right: null, fits: true }],
    });
    expect(answer.lanes[0]!.logits).toBeUndefined();
  });

  test('what was changed is said on stderr, and the answer is still given', () => {
    const { stdout, stderr, status } = cli('--text', own, '--json');
    expect(stderr).toBe('There was no question, so an example is asked.\n');
    expect([status, (JSON.parse(stdout) as Answer)['problems']]).toEqual([
      0,
      ['There was no question, so an example is asked.'],
    ]);
  });
});

// What others parse. Keys may be added; none of these may go away or mean something else.
test('the keys of before are there', () => {
  const answer = json('--lane', 'h2o', '--seed', '5', '--length', '64', '--logits');
  expect(Object.keys(answer)).toEqual(
    expect.arrayContaining(
      'model seed moment keep tokens compressed_at text question expected problems lanes'.split(' '),
    ),
  );
  const [lane] = answer.lanes;
  expect(Object.keys(lane!)).toEqual(
    expect.arrayContaining(
      'lane answer_ids answer right top logits kept n_kept fits bytes kl agreement attention_kept macs'.split(' '),
    ),
  );
  expect(Object.keys(lane!['bytes'] as object).sort()).toEqual(
    'live allocated full keys values metadata holes host'.split(' ').sort(),
  );
  expect(Object.keys(lane!['macs'] as object).sort()).toEqual(['decode', 'prefill']);
  expect(Object.keys(lane!.top[0]![0]!)).toEqual(['id', 'word', 'p']);
  expect(lane!.read).toBeUndefined();
});

describe('--turns asks one question after the other', () => {
  const args = ['--seed', '5', '--length', '128', '--keep', '0.3', '--lane', 'full', '--lane', 'tova+between-turns'];
  const prompt = seededPrompt(vocabulary, 5, { length: 128, turns: 3 }, 0, 'later');
  const answer = json(...args, '--turns', '3');

  test('and tells of each', () => {
    const runs = compare(engine, engine.prepare(prompt), ['full', 'tova+between-turns'], 0.3);
    answer.lanes.forEach((lane, i) => {
      expect(lane.turns).toEqual(
        prompt.turns.map(({ question, expected }, turn) => ({
          question: question.words.join(' '),
          expected: expected!.join(' '),
          answer: runs[i]!.turns[turn]!.answer.join(' '),
          right: runs[i]!.turns[turn]!.right,
          same_as_full: runs[i]!.turns[turn]!.sameAsFull,
        })),
      );
    });
    expect(answer.lanes[0]!.turns.every((turn) => turn.same_as_full)).toBe(true);
  });

  test('what is said of the answer is said of the last; the tokens are those before the first', () => {
    const last = prompt.turns[2]!;
    expect(answer).toMatchObject({
      tokens: prompt.tokens,
      compressed_at: 128,
      question: last.question.words.join(' '),
      expected: last.expected!.join(' '),
    });
    for (const { turns, answer: said, right, top, answer_ids } of answer.lanes) {
      expect({ said, right }).toEqual({ said: turns[2]!.answer, right: turns[2]!.right });
      expect(top.map(([best]) => best!.id)).toEqual(answer_ids);
    }
  });

  test('the first of which is what is said when nothing follows', () => {
    const one = json(...args);
    expect(one.lanes.map(({ turns }) => turns)).toEqual(answer.lanes.map(({ turns }) => [turns[0]]));
    expect(one.lanes.map(({ kept, bytes }) => [kept, bytes])).toEqual(
      answer.lanes.map(({ kept, bytes }) => [kept, bytes]),
    );
  });
});

describe('--reading says how the prompt comes into the cache', () => {
  const read = (reading: string) => json(...laneArgs, '--seed', '5', '--length', '128', '--reading', reading);
  const whole = read('whole');

  test('warm: seven of eight blocks were there, and nothing else changes', () => {
    const warm = read('warm');
    const [before, after] = [whole, warm].map(({ lanes }) =>
      lanes.map(({ macs, ...rest }) => ({ ...rest, decode: (macs as { decode: number }).decode })),
    );
    expect(after).toEqual(before);
    expect({ ...warm, lanes: 0 }).toEqual({ ...whole, lanes: 0, reading: 'warm', reused: 112 });
    const prefill = ({ lanes }: Answer) => (lanes[0]!['macs'] as { prefill: number }).prefill;
    expect(prefill(warm)).toBeLessThan(prefill(whole) / 4);
  });

  test('spliced: the second half was read on its own', () => {
    const spliced = read('spliced');
    const { splicedAt } = seededPrompt(vocabulary, 5, { length: 128, reading: 'spliced' }, 0, 'later');
    expect({ ...spliced, lanes: 0 }).toEqual({ ...whole, lanes: 0, reading: 'spliced', spliced: 128 - splicedAt! });
    expect(spliced.lanes[0]!.top).not.toEqual(whole.lanes[0]!.top);
  });
});

describe('--reads names what each token of the answer read', () => {
  const lanes = ['full', 'streaming-llm', 'quest(top=2,dense=1)', 'h2o+quest(top=1,dense=0)'];
  const answer = json(
    ...lanes.flatMap((lane) => ['--lane', lane]),
    '--seed',
    '5',
    '--length',
    '128',
    '--keep',
    '0.5',
    '--reads',
  );
  /** What a head holds for a token of the answer: what was kept, and whatever was read since, the token itself included. */
  const held = ({ kept }: Lane, step: number, layer: number, kvHead: number) => [
    ...kept[layer]![kvHead]!,
    ...range(answer.tokens.length + step, answer.compressed_at),
  ];
  const heads = range(4).flatMap((layer) => range(4).map((kvHead) => ({ layer, kvHead })));
  const sizes = (lane: Lane, layer: number) =>
    lane.read!.flatMap((step, k) =>
      step[layer]!.map((read, kvHead) => [read.length, held(lane, k, layer, kvHead).length]),
    );

  test('of what is held, in order, for each step, layer and head', () => {
    for (const lane of answer.lanes) {
      expect(lane.read).toHaveLength(lane.answer_ids.length);
      lane.read!.forEach((step, k) => {
        for (const { layer, kvHead } of heads) {
          const read = step[layer]![kvHead]!;
          expect([...new Set(read)].sort((a, b) => a - b)).toEqual(read);
          const there = new Set(held(lane, k, layer, kvHead));
          expect(read.filter((position) => !there.has(position))).toEqual([]);
          expect(read.at(-1)).toBe(answer.tokens.length + k - 1);
        }
      });
    }
  });

  test('all of it, where a lane has no other way to read', () => {
    for (const lane of answer.lanes.slice(0, 2)) {
      lane.read!.forEach((step, k) => {
        for (const { layer, kvHead } of heads) expect(step[layer]![kvHead]).toEqual(held(lane, k, layer, kvHead));
      });
    }
    expect(answer.lanes[0]!.read![0]![0]![0]).toEqual(range(answer.tokens.length));
  });

  // Two pages of 16, and the newest one, which has at most 16 tokens; one page of what H2O kept, and its newest.
  test('less of it with Quest, but in its dense layers', () => {
    const [quest, mixed] = answer.lanes.slice(2);
    for (const [read, all] of sizes(quest!, 0)) expect(read).toBe(all);
    for (const layer of [1, 2, 3]) {
      for (const [read, all] of sizes(quest!, layer)) {
        expect(read).toBeLessThanOrEqual(3 * 16);
        expect(read).toBeGreaterThan(2 * 16);
        expect(all).toBeGreaterThan(128);
      }
    }
    for (const layer of range(4)) {
      for (const [read, all] of sizes(mixed!, layer)) {
        expect(read).toBeLessThanOrEqual(2 * 16);
        expect(all).toBeGreaterThan(64);
      }
    }
    // It drops nothing: all is there to be read again.
    expect(quest!.kept.flat()).toEqual(range(16).map(() => range(128)));
  });
});

test('for people: the question, and a line a lane', () => {
  const { stdout, status } = cli(...laneArgs, '--keep', '0.5', '--seed', '5', '--length', '128');
  const [question, ...lines] = stdout.trimEnd().split('\n');
  expect(question).toMatch(/^[A-Z].*\?  \(.+\)$/);
  expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(names);
  for (const line of lines)
    expect(line).toMatch(/ (right|wrong)  \(live [\d.]+ %, allocated [\d.]+ %, attention kept [\d.]+ %, KL [\d.]+\)$/);
  expect(status).toBe(0);
});

test('the plain kernels answer too', () => {
  const args = ['--lane', 'h2o', '--seed', '5', '--length', '64', '--keep', '0.5'];
  expect(json(...args, '--kernels', 'plain').lanes[0]!.answer_ids).toEqual(json(...args).lanes[0]!.answer_ids);
});

describe('refuses in one line, with exit code 2', () => {
  test.each([
    ['an unknown method', ['--lane', 'snap'], 'answer: There is no method "snap".'],
    [
      'a bad setting',
      ['--lane', 'snapkv(window=0)'],
      'snapkv: Setting "window" must be a number from 1 to 256 in steps of 1, not "0".',
    ],
    [
      'nine lanes',
      Array.from({ length: 9 }, () => ['--lane', 'h2o']).flat(),
      'A comparison has at most 8 lanes, not 9.',
    ],
    ['too large a share', ['--keep', '1.5'], '--keep is a share from 0 to 1, not "1.5".'],
    ['no share', ['--keep='], '--keep is a share from 0 to 1, not "".'],
    ['a share in per cent', ['--keep', '25%'], 'not "25%"'],
    ['a share that looks like an option', ['--keep', '-1'], "'--keep' argument is ambiguous"],
    ['no seed', ['--seed='], '--seed must be a whole number from 0 to 4294967295, not "".'],
    ['a broken seed', ['--seed', '1.5'], 'not "1.5"'],
    ['too short a text', ['--length', '63'], '--length must be a whole number from 64 to 4096, not "63".'],
    [
      'an unknown kind',
      ['--kinds', 'code,codes'],
      '--kinds takes code, place, liking, list, rule, conversation; there is no "codes".',
    ],
    ['a negative index', ['--index=-1'], '--index must be a whole number from 0 to 9999'],
    ['an unknown moment', ['--moment', 'never'], '--moment is visible or later, not "never".'],
    ['an unknown reading', ['--reading', 'twice'], '--reading is whole or spliced or warm, not "twice".'],
    ['no turn', ['--turns', '0'], '--turns must be a whole number from 1 to 9, not "0".'],
    ['unknown kernels', ['--kernels', 'gpu'], '--kernels is simd or plain, not "gpu".'],
    ['a missing file', ['--text', join(folder, 'none')], 'no such file'],
    ['an unknown option', ['--lanes', 'h2o'], "Unknown option '--lanes'"],
    ['a stray argument', ['h2o'], "Unexpected argument 'h2o'"],
  ])('%s', (_, args, message) => {
    const { stdout, stderr, status } = cli(...args);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  });
});

// 128 tokens of 2048 bytes, a quarter of which may lie near; the question and the answer lie there too.
test('a lane with two memories says at each step what lies where, and what was carried', () => {
  const { lanes } = json(
    '--lane',
    'kvflash(scorer=qk,every=2)',
    '--lane',
    'full',
    '--keep',
    '0.25',
    '--length',
    '128',
    '--reads',
  ) as unknown as {
    lanes: { tiers?: Record<string, number>[]; answer_ids: number[]; bytes: { host: number } }[];
  };
  const [kvflash, full] = lanes;
  expect(full!.tiers).toBeUndefined();
  expect(full!.bytes.host).toBe(0);
  expect(kvflash!.tiers).toHaveLength(kvflash!.answer_ids.length);
  for (const step of kvflash!.tiers!) {
    expect(Object.keys(step)).toEqual(['resident', 'host', 'moved_in', 'moved_out', 'recall']);
    expect(step['resident']).toBeLessThanOrEqual(32 * 2048 + 30 * 2048);
    expect(step['resident']! + step['host']!).toBeGreaterThanOrEqual(128 * 2048);
    expect(step['recall']! >= 0 && step['recall']! <= 1).toBe(true);
  }
});
