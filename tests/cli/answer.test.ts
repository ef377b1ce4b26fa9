import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { seededPrompt, typedPrompt } from '../../src/engine/prompt.ts';
import { compare, engineOf } from '../engine/harbour.ts';

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
  kept: number[][][];
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
const names = ['full', 'snapkv(window=16)', 'h2o+kivi(bits=4)'];
const laneArgs = names.flatMap((lane) => ['--lane', lane]);

describe.each(['later', 'visible'] as const)('JSON, question %s', (moment) => {
  const prompt = seededPrompt(5, { length: 128, kinds: ['code', 'place'] }, 1, moment);
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
      text: prompt.words.slice(1, 128).join(' '),
      question: prompt.question.words.join(' '),
      expected: prompt.expected!.join(' '),
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

describe("a text of one's own", () => {
  test('is read from a file, with names that the model never saw', () => {
    const prompt = typedPrompt(
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
    ['too short a text', ['--length', '63'], '--length must be a whole number from 64 to 1024, not "63".'],
    [
      'an unknown kind',
      ['--kinds', 'code,codes'],
      '--kinds takes code, place, liking, list, rule, conversation; there is no "codes".',
    ],
    ['a negative index', ['--index=-1'], '--index must be a whole number from 0 to 9999'],
    ['an unknown moment', ['--moment', 'never'], '--moment is visible or later, not "never".'],
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
