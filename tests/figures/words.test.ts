import { describe, expect, test } from 'vitest';
import { parseLane } from '../../src/engine/lane-spec.ts';
import { members } from '../../src/engine/members.ts';
import { laneCaption, laneLever, laneTitle, methodName } from '../../src/figures/captions.ts';
import { csv, rows } from '../../src/figures/data.ts';
import { answerText, isOver, percent, questionText, sentence } from '../../src/figures/sentence.ts';
import type { Shown, ShownLane } from '../../src/state/compare.ts';
import { frameOf } from './frames.ts';
import { answered, laneOf, outcomeOf, shownOf } from './runs.ts';

describe('captions', () => {
  test.each(members.map(({ name, role }) => [name, role] as const))('%s has a name and an idea', (name) => {
    const { name: shown, idea } = laneCaption(parseLane(name).spec);
    expect(methodName(name)).toMatch(/\S/);
    expect(shown).toMatch(/^[A-Z]/);
    expect(idea).toMatch(/^[a-z]/);
  });

  // A lane is called by its method, so a method's name begins as a name does; what is added to it does not.
  test.each(members.filter(({ role, wraps }) => !wraps && ['score', 'codec'].includes(role)).map(({ name }) => name))(
    '%s gives a lane its name',
    (name) => {
      expect(methodName(name)).toMatch(/^[A-Z]/);
      expect(laneTitle(name).startsWith(methodName(name))).toBe(true);
    },
  );

  test.each([
    ['full', undefined],
    ['random', 'evict'],
    ['h2o+merge', 'evict'],
    ['snapkv+compact', 'page'],
    ['kivi', 'compress'],
    ['snapkv+compact+kivi', 'compress'],
    ['kivi+quest', 'fetch'],
  ] as const)('%s pulls the lever %s', (lane, lever) => {
    expect(laneLever(parseLane(lane).spec)).toBe(lever);
  });

  test.each([
    ['full', 'Full cache', 'everything kept'],
    ['snapkv(window=3)', 'SnapKV', 'what the last words look at'],
    ['inverted(h2o)', 'H2O, inverted', 'the opposite of: what was attended'],
    ['inverted(inverted(knorm))', 'Knorm, inverted, inverted', 'the opposite of: the opposite of: the smallest keys'],
    ['kivi', 'KIVI, 2 bits', 'everything, in fewer bits'],
    ['kivi(bits=4)', 'KIVI, 4 bits', 'everything, in fewer bits'],
    ['snapkv+kivi', 'SnapKV + KIVI', 'what the last words look at, at 2 bits'],
    ['tova+kivi(bits=8)', 'TOVA + KIVI', 'what the last word looks at, at 8 bits'],
    ['per-layer', 'Per layer: KIVI, 4 bits; KIVI, 2 bits', 'other bits in other layers'],
    ['h2o+per-layer', 'H2O + Per layer', 'what was attended, at other bits in other layers'],
    ['adakv(snapkv)', 'SnapKV, AdaKV', 'heads compete for room: what the last words look at'],
    [
      'pyramid(inverted(tova))',
      'TOVA, inverted, PyramidKV',
      'much for early layers, little for late ones: the opposite of: what the last word looks at',
    ],
    ['uniform(h2o)', 'H2O', 'what was attended'],
    ['quest(top=2)', 'Quest, 2 pages', 'the pages that may matter are read'],
    ['kivi+quest', 'KIVI, 2 bits + Quest', 'everything, in fewer bits'],
    ['h2o+quest', 'H2O + Quest', 'what was attended'],
    ['h2o+merge', 'H2O + merge', 'what was attended'],
    ['h2o+merge+rerotate+compact', 'H2O + merge + re-rotate + compact', 'what was attended'],
    ['h2o+every(n=8)+merge', 'H2O + merge + every', 'what was attended'],
    [
      'adakv(snapkv)+between-turns+compact+kivi(bits=4)+quest',
      'SnapKV, AdaKV + KIVI + Quest + compact + between turns',
      'heads compete for room: what the last words look at, at 4 bits',
    ],
    // Nothing is ever dropped here, so that nothing is merged, and nothing is done again.
    ['merge', 'Full cache + merge', 'everything kept'],
    ['every', 'Full cache + every', 'everything kept'],
    ['kivi+compact', 'KIVI, 2 bits + compact', 'everything, in fewer bits'],
  ])('%s', (lane, name, idea) => {
    expect(parseLane(lane).problems).toEqual([]);
    expect(laneCaption(parseLane(lane).spec)).toEqual({ name, idea });
    expect(laneTitle(lane)).toBe(name);
  });

  test('what nobody knows is called as it is written', () => expect(methodName('snap')).toBe('snap'));
});

describe('the sentence of a figure', () => {
  const say = (shown: Shown, phase = 'answer') => sentence(shown, [frameOf(['#'.repeat(16)])], phase);
  const full = answered('full', 'mill', true, { budget: { kept: 32, fits: false } });
  const [good, bad] = [answered('h2o', 'mill', true), answered('random', 'barn', false)];

  test('follows the clock', () => {
    const shown = shownOf([full]);
    expect([
      sentence(shown, [], 'read'),
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
      [good, bad, answered('tova', 'attic', false)],
      'H2O answers “Mill”, which is right; Random and TOVA are wrong.',
    ],
    ['none', [bad], 'Random is wrong.'],
    [
      'one that does not fit',
      [good, answered('kivi', 'mill', true, { budget: { kept: 32, fits: false } })],
      'H2O and KIVI, 2 bits answer “Mill”, which is right. KIVI, 2 bits does not fit into the budget.',
    ],
  ])('at the end: %s', (_, lanes, end) =>
    expect(say(shownOf(lanes))).toBe(`With 25 % of the cache, asked “Where is the key?”, ${end}`),
  );

  test('where nobody knows the answer, says what each answered', () => {
    expect(
      say(
        shownOf([answered('full', 'zeb .', undefined, { sameAsFull: true }), answered('h2o', 'mill', undefined)], {
          expected: undefined,
          capitals: ['zeb'],
        }),
      ),
    ).toBe(
      'With 25 % of the cache, asked “Where is the key?”, Full cache answers “Zeb”, H2O answers “Mill”; 1 of 2 as the full cache does.',
    );
  });

  test('before all lanes have answered, says nothing of answers', () => {
    const waiting = 'With 7 % of the cache, each lane is about to answer.';
    for (const lanes of [[laneOf('h2o', undefined)], [full, laneOf('h2o', undefined)]]) {
      expect(say(shownOf(lanes, {}, { keep: 0.07 }))).toBe(waiting);
      expect(say(shownOf(lanes, {}, { keep: 0.07 }), 'ask')).toBe(waiting);
    }
  });

  test('speaks of the budget that the run had', () => {
    expect(say(shownOf([good], {}, { keep: 0.03 }))).toContain('With 3 % of the cache');
    expect(say(shownOf([good], {}, { keep: 0.03 }), 'compress')).toContain('until 3 % of the bytes');
  });

  test('speaks of the last turn', () => {
    const lane = laneOf(
      'h2o',
      outcomeOf([
        ['barn', false],
        ['mill', true],
      ]),
    );
    const turns = [
      { question: ['who', '?'], expected: ['anna'] },
      { question: ['where', 'is', 'the', 'key', '?'], expected: ['mill'] },
    ];
    expect(say(shownOf([lane], { turns }))).toBe(
      'With 25 % of the cache, asked “Where is the key?”, H2O answers “Mill”, which is right.',
    );
  });

  test('the full cache is never over the budget, and nothing is at the whole of it, or before it has answered', () => {
    const kivi = answered('kivi', 'x', true, { budget: { kept: 9, fits: false } });
    const lanes = [isOver(full, 0.25), isOver(kivi, 0.25), isOver(kivi, 1), isOver(good, 0.25)];
    expect([...lanes, isOver(laneOf('kivi', undefined), 0.25)]).toEqual([false, true, false, false, false]);
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
    const [row] = rows(shownOf([answered('h2o', 'mill', true)], {}, { keep: 0.1 }));
    expect(row).toEqual({
      model: 'harbour',
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
      bytes_host: 0,
      macs_prefill: 100,
      macs_decode: 20,
    });
    expect(rows(shownOf([answered('h2o', 'x', undefined)], { expected: undefined }))[0]).toMatchObject({
      right: '',
      expected: '',
    });
  });

  test('are of the run that was made, at its budget and moment', () => {
    const lanes = [answered('full', 'mill', true), answered('snapkv+kivi', 'barn', false)];
    expect(rows(shownOf(lanes, {}, { keep: 0.03, moment: 'visible' }))).toMatchObject([
      { lane: 'full', keep: 0.03, moment: 'visible', right: true },
      { lane: 'snapkv+kivi', keep: 0.03, moment: 'visible', right: false, answer: 'barn' },
    ]);
  });

  test('of several turns are those of the last', () => {
    const lane = laneOf(
      'h2o',
      outcomeOf([
        ['barn', false],
        ['mill road', true],
      ]),
    );
    expect(rows(shownOf([lane]))).toMatchObject([{ answer: 'mill road', expected: 'mill', right: true }]);
  });

  // Half a row would be read as a whole one.
  test('have no row for a lane that has not answered', () => {
    expect(rows(shownOf([answered('full', 'mill', true), laneOf('h2o', undefined)])).map(({ lane }) => lane)).toEqual([
      'full',
    ]);
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
