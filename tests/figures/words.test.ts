import { describe, expect, test } from 'vitest';
import { policies } from '../../src/engine/eviction/index.ts';
import { parseLane } from '../../src/engine/lane-spec.ts';
import { codecs } from '../../src/engine/quantization/index.ts';
import { laneCaption, laneTitle, methodName } from '../../src/figures/captions.ts';
import { csv, rows } from '../../src/figures/data.ts';
import { answerText, isOver, percent, questionText, sentence } from '../../src/figures/sentence.ts';
import type { Shown, ShownLane } from '../../src/state/compare.ts';
import { defaultView } from '../../src/state/view.ts';
import { frameOf } from './frames.ts';

describe('captions', () => {
  test.each([...Object.keys(policies), ...Object.keys(codecs)])('%s has a name and an idea', (name) => {
    const { name: shown, idea } = laneCaption(parseLane(name).spec);
    expect(methodName(name)).toMatch(/^[A-Z]/);
    expect(shown.startsWith(methodName(name))).toBe(true);
    expect(idea).toMatch(/^[a-z]/);
  });

  test.each([
    ['snapkv(window=3)', 'SnapKV', 'what the last words look at'],
    ['inverted(h2o)', 'H2O, inverted', 'the opposite of: what was attended'],
    ['kivi(bits=4)', 'KIVI, 4 bits', 'everything, in fewer bits'],
    ['tova+kivi', 'TOVA + KIVI', 'what the last word looks at, at 2 bits'],
  ])('%s', (lane, name, idea) => {
    expect(laneCaption(parseLane(lane).spec)).toEqual({ name, idea });
    expect(laneTitle(lane)).toBe(name);
  });
});

const lane = (
  text: string,
  answer: string,
  right: boolean | undefined,
  changes: Partial<ShownLane> = {},
): ShownLane => ({
  lane: text,
  spec: parseLane(text).spec,
  budget: { kept: 8, fits: true },
  answer: answer.split(' '),
  right,
  sameAsFull: right ?? false,
  kl: 0.5,
  agreement: 1,
  attentionKept: 0.75,
  bytes: { keys: 1, values: 2, metadata: 3, live: 6, holes: 4, allocated: 10, full: 24 },
  work: { prefill: 100, decode: 20 },
  events: [],
  ...changes,
});

const shownOf = (lanes: readonly ShownLane[], prompt: Partial<Shown['prompt']> = {}): Shown => ({
  lanes,
  heads: 1,
  kvHeads: 1,
  headDim: 4,
  prompt: {
    words: [],
    compressedAt: 32,
    textLength: 32,
    question: ['where', 'is', 'the', 'key', '?'],
    questions: 1,
    expected: ['mill'],
    needed: [],
    sentence: [0, 1],
    capitals: [],
    problems: [],
    ...prompt,
  },
});

describe('the sentence of a figure', () => {
  const say = (shown: Shown, phase = 'answer') => sentence(shown, [frameOf(['#'.repeat(16)])], 0.25, phase);
  const full = lane('full', 'mill', true, { budget: { kept: 32, fits: false } });
  const [good, bad] = [lane('h2o', 'mill', true), lane('random', 'barn', false)];

  test('follows the clock', () => {
    const shown = shownOf([full]);
    expect([
      sentence(shown, [], 0.25, 'read'),
      ...['start', 'read', 'compress', 'ask'].map((phase) => say(shown, phase)),
    ]).toEqual([
      'Nothing has been read yet.',
      'Nothing has been read yet.',
      'The prompt is being read: 16 of 32 tokens are in every cache.',
      'Each lane now lets go of what it does not keep, layer by layer, until 25 % of the bytes are left.',
      'The question is read with what is left of the cache.',
    ]);
  });

  test.each<[string, readonly ShownLane[], string]>([
    ['all right', [full, good], 'Full cache and H2O answer “Mill”, which is right.'],
    [
      'one of three',
      [good, bad, lane('tova', 'attic', false)],
      'H2O answers “Mill”, which is right; Random and TOVA are wrong.',
    ],
    ['none', [bad], 'Random is wrong.'],
    [
      'one that does not fit',
      [good, lane('kivi', 'mill', true, { budget: { kept: 32, fits: false } })],
      'H2O and KIVI, 2 bits answer “Mill”, which is right. KIVI, 2 bits does not fit into the budget.',
    ],
  ])('at the end: %s', (_, lanes, end) =>
    expect(say(shownOf(lanes))).toBe(`With 25 % of the cache, asked “Where is the key?”, ${end}`),
  );

  test('where nobody knows the answer, says what each answered', () => {
    expect(
      say(
        shownOf([lane('full', 'zeb .', undefined, { sameAsFull: true }), lane('h2o', 'mill', undefined)], {
          expected: undefined,
          capitals: ['zeb'],
        }),
      ),
    ).toBe(
      'With 25 % of the cache, asked “Where is the key?”, Full cache answers “Zeb”, H2O answers “Mill”; 1 of 2 as the full cache does.',
    );
  });

  test('the full cache is never over the budget, and nothing is at the whole of it', () => {
    const kivi = lane('kivi', 'x', true, { budget: { kept: 9, fits: false } });
    expect([isOver(full, 0.25), isOver(kivi, 0.25), isOver(kivi, 1), isOver(good, 0.25)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });

  test('a question loses the turns around it, and nothing else', () => {
    const text = (question: string) => questionText({ question: question.split(' '), capitals: [] });
    expect(text('visitor : where is the key ? keeper :')).toBe('Where is the key?');
    expect(text('who is the keeper of the visitor ?')).toBe('Who is the keeper of the visitor?');
    expect([answerText(['22', '27', '.']), percent(0.07), percent(1)]).toEqual(['22 27', '7 %', '100 %']);
  });
});

describe('data', () => {
  test('one row a lane, with every measure', () => {
    const [row] = rows(shownOf([lane('h2o', 'mill', true)]), { ...defaultView, keep: 0.1 });
    expect(row).toEqual({
      lane: 'h2o',
      keep: 0.1,
      moment: 'later',
      kept_tokens_per_head: 8,
      fits: true,
      answer: 'mill',
      expected: 'mill',
      right: true,
      same_as_full: true,
      kl_nats: 0.5,
      argmax_agreement: 1,
      attention_kept: 0.75,
      bytes_live: 6,
      bytes_allocated: 10,
      bytes_full: 24,
      bytes_keys: 1,
      bytes_values: 2,
      bytes_metadata: 3,
      bytes_holes: 4,
      macs_prefill: 100,
      macs_decode: 20,
    });
    expect(rows(shownOf([lane('h2o', 'x', undefined)], { expected: undefined }), defaultView)[0]).toMatchObject({
      right: '',
      expected: '',
    });
  });

  test('as RFC 4180 has it', () => {
    expect(
      csv([
        { a: 1, b: 'x' },
        { a: -2.5, b: 'y, "z"' },
        { a: true, b: 'two\nlines' },
      ]),
    ).toBe('a,b\r\n1,x\r\n-2.5,"y, ""z"""\r\ntrue,"two\nlines"\r\n');
    expect(csv([])).toBe('');
  });

  // A spreadsheet runs what starts like a formula; numbers stay numbers.
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('%j is no formula', (text) => {
    const [, cell] = csv([{ a: text }])
      .split('\r\n')
      .join('|')
      .split('a|');
    expect(cell!.replace(/^"/, '').startsWith("'")).toBe(true);
    expect(csv([{ a: -1 }])).toBe('a\r\n-1\r\n');
  });
});
