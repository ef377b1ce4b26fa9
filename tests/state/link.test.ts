import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLink, version, writeLink } from '../../src/state/link.ts';
import { fields, defaultView, type View } from '../../src/state/view.ts';
import { expectShowable, views } from './views.ts';

const read = (query: string) => readLink(query);

describe('a link', () => {
  test('gives back the view that it was written from, without a notice', () => {
    fc.assert(
      fc.property(views(defaultView), (view) => {
        expect(readLink(writeLink(view))).toEqual({ view, problems: [] });
        expect(readLink(`?${writeLink(view)}`)).toEqual({ view, problems: [] });
      }),
      { numRuns: 500 },
    );
  });

  test('means the same on a page that begins with something else', () => {
    const other: View = {
      ...defaultView,
      lanes: ['tova'],
      seed: 99,
      keep: 0.9,
      view: 'bytes',
      moment: 'visible',
      kinds: ['code'],
      length: 64,
      question: 3,
      reading: 'spliced',
      turns: 4,
      tick: 5,
      layer: 1,
      head: 2,
      texts: 50,
      text: 'It rained.',
      ask: 'Where?',
    };
    fc.assert(
      fc.property(views(defaultView), (view) => {
        const link = writeLink(view);
        expect(link.split('&').map((pair) => pair.split('=')[0])).toEqual(
          expect.arrayContaining(['v', 'lanes', 'moment', 'keep', 'view', 'tick']),
        );
        // A text of one's own has no seed, so what would be made of it does not matter.
        const { seed, length, kinds, question } = view.text ? other : view;
        expect(readLink(link, other).view).toEqual({ ...view, seed, length, kinds, question });
      }),
      { numRuns: 100 },
    );
  });

  test('can be read by eye', () => {
    expect(writeLink(defaultView)).toBe(
      'v=1&model=harbour&lanes=full;streaming-llm;h2o;snapkv&seed=7&length=512&kinds=code,place,liking,list,rule&question=0&moment=later&keep=0.25&view=words&tick=end',
    );
    expect(writeLink({ ...defaultView, layer: 2, head: 0, texts: 50 })).toContain('&tick=end&layer=2&head=0&texts=50');
    expect(writeLink({ ...defaultView, reading: 'spliced', turns: 3 })).toContain(
      '&moment=later&reading=spliced&turns=3&keep=0.25&',
    );
    expect(writeLink({ ...defaultView, lanes: ['adakv(snapkv,safeguard=0.3)+every(n=8)+merge'] })).toContain(
      '&lanes=adakv(snapkv,safeguard=0.3)%2Bevery(n=8)%2Bmerge&',
    );
    expect(writeLink({ ...defaultView, lanes: ['h2o'], text: 'Rain: it fell & fell.', ask: 'Where?' })).toBe(
      'v=1&model=harbour&lanes=h2o&moment=later&keep=0.25&view=words&tick=end&text=Rain:+it+fell+%26+fell.&ask=Where%3F',
    );
  });

  // Most views use none of these, and a link that leaves them out was written before they were there, or means the same.
  test('leaves out what few views use, while it is not used', () => {
    const names = (view: View) =>
      writeLink(view)
        .split('&')
        .map((pair) => pair.split('=')[0]);
    for (const [name, used] of [
      ['reading', 'warm'],
      ['turns', 2],
      ['layer', 1],
      ['head', 1],
      ['ink', 'read'],
      ['texts', 21],
    ] as const) {
      expect(names(defaultView)).not.toContain(name);
      expect(names({ ...defaultView, [name]: used })).toContain(name);
    }
    // A reader asks one question of a text of their own, however it is read.
    const own: View = { ...defaultView, text: 'It rained.', ask: 'Where?', reading: 'warm', turns: 2 };
    expect(names(own)).toContain('reading');
    expect(names(own)).not.toContain('turns');
  });

  test("nothing at all is the page's own view", () => {
    for (const query of ['', '?', '&&', '?&=']) expect(read(query).view).toEqual(defaultView);
    expect(read('')).toEqual({ view: defaultView, problems: [] });
    const own: View = { ...defaultView, text: 'It rained.', ask: 'Where?', reading: 'warm', layer: 2 };
    for (const query of ['', 'v=1', 'utm_source=x']) expect(readLink(query, own).view).toEqual(own);
  });
});

describe('published links', () => {
  // What a speaker linked must be found unchanged. Never change an entry: a new version reads these as they were meant.
  const published = JSON.parse(readFileSync(new URL('link-views.json', import.meta.url), 'utf8')) as {
    link: string;
    view: Partial<View>;
  }[];

  test.each(published)('$link', ({ link, view }) => {
    expect(readLink(link)).toEqual({ view: { ...published[0]!.view, ...view }, problems: [] });
  });

  test('the version and the names in them are those of the table', () => {
    expect(version).toBe('1');
    expect(Object.keys(fields)).toEqual(Object.keys(published[0]!.view));
  });
});

describe('says what was wrong, and what was done instead', () => {
  test.each<[string, Partial<View>, string[]]>([
    ['v=1&seed=abc', {}, ['seed must be a number from 0 to 4294967295, not "abc"; 7 is used.']],
    ['v=1&seed=', {}, ['seed must be a number from 0 to 4294967295, not ""; 7 is used.']],
    ['v=1&length=9999', { length: 1024 }, ['length: 9999 became 1024.']],
    ['v=1&length=1', { length: 64 }, ['length: 1 became 64.']],
    ['v=1&keep=0', { keep: 0.01 }, ['keep: 0 became 0.01.']],
    ['v=1&keep=0.255', { keep: 0.26 }, ['keep: 0.255 became 0.26.']],
    ['v=1&keep=25%', {}, ['keep must be a number from 0.01 to 1, not "25%"; 0.25 is used.']],
    [
      'v=1&view=wrods',
      {},
      ['view must be words or heads or pages or bytes or rooms or scores, not "wrods"; words is used.'],
    ],
    ['v=1&moment=Later', {}, ['moment must be visible or later, not "Later"; later is used.']],
    ['v=1&tick=last', {}, ['tick must be end or a number from 0 to 4096, not "last"; end is used.']],
    ['v=1&reading=warm&turns=6', { reading: 'warm', turns: 6 }, []],
    ['v=1&reading=cold', {}, ['reading must be whole or spliced or warm, not "cold"; whole is used.']],
    ['v=1&turns=0', { turns: 1 }, ['turns: 0 became 1.']],
    ['v=1&turns=99', { turns: 6 }, ['turns: 99 became 6.']],
    ['v=1&turns=two', {}, ['turns must be a number from 1 to 6, not "two"; 1 is used.']],
    ['v=1&layer=-1', { layer: 0 }, ['layer: -1 became 0.']],
    ['v=1&kinds=code,codes', { kinds: ['code'] }, ['kinds: there is no kind "codes".']],
    [
      'v=1&kinds=',
      {},
      [
        'kinds must be some of code, place, liking, list, rule, conversation, not ""; code,place,liking,list,rule is used.',
      ],
    ],
    ['v=1&lanes=', {}, ['lanes must be 1 to 8 lanes separated by ;, not ""; full;streaming-llm;h2o;snapkv is used.']],
    ['v=1&lanes=snap', { lanes: ['full'] }, ['lanes: There is no method "snap".']],
    [
      'v=1&lanes=h2o;h2o;h2o;h2o;h2o;h2o;h2o;h2o;tova',
      { lanes: new Array<string>(8).fill('h2o') },
      ['lanes: only the first 8 of 9 lanes are shown.'],
    ],
    ['v=1&sneed=3&__proto__=1', {}, ['Unknown and left out: sneed, __proto__.']],
    ['v=2&seed=3', { seed: 3 }, ['This link has version 2; it was read as version 1.']],
    ['seed=3', { seed: 3 }, ['This link names no version; it was read as version 1.']],
    // Not ours: an address may carry a campaign's mark, and only what we know makes it a link of ours.
    ['utm_source=x', {}, ['Unknown and left out: utm_source.']],
    ['constructor=1', {}, ['Unknown and left out: constructor.']],
    ['v=1', {}, []],
  ])('%s', (query, changes, problems) =>
    expect(read(query)).toEqual({ view: { ...defaultView, ...changes }, problems }),
  );

  test('the first of two values counts', () => expect(read('v=1&seed=3&seed=4').view.seed).toBe(3));

  test('too long a text is cut, never through the middle of a character', () => {
    const { view, problems } = read(`v=1&text=${'a'.repeat(11999)}%F0%9F%99%82b&ask=x`);
    expect(view.text).toBe(`${'a'.repeat(11999)}\ufffd`);
    expect(problems).toEqual(['text: only the first 12000 characters were read.']);
    expect(readLink(writeLink(view))).toEqual({ view, problems: [] });
    expect(() => writeLink({ ...defaultView, text: 'half a pair: \ud83d' })).not.toThrow();
  });
});

describe('hostile links', () => {
  const name = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...Object.keys(fields), 'v') },
    { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '') },
  );
  const scrap = fc.constantFrom(
    '-1',
    '0',
    '1e99',
    '-0',
    'NaN',
    'Infinity',
    '0x10',
    '4294967296',
    '%',
    '%00',
    '%ff',
    '%F0%9F',
    '+',
    ';',
    ',',
    '(',
    ')',
    '=',
    'end',
    'all',
    'full',
    'h2o',
    'kivi(bits=2)',
    'inverted(',
    '__proto__',
    'code',
    'later',
    'words',
    'spliced',
    'adakv(inverted(h2o))+merge+every',
    '\u0000',
    '\ud800',
    '🙂',
    'é',
    '<script>',
    "' OR 1=1",
    '../',
    ' ',
  );
  const value = fc.oneof(
    scrap,
    fc.array(scrap, { maxLength: 6 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.double().map(String),
  );
  const query = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.tuple(name, value), { maxLength: 6 })
        .map((pairs) => pairs.map((pair) => pair.join('=')).join('&')),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  );

  test('10,000 of them all give a view that can be shown, and a link that gives the same one', () => {
    fc.assert(
      fc.property(query, (text) => {
        const { view, problems } = readLink(text);
        expectShowable(view);
        for (const problem of problems) expect(problem).toMatch(/^\S[^]*\.$/);
        expect(readLink(writeLink(view)).problems).toEqual([]);
        // A text of one's own leaves out what the seed decides.
        expect(readLink(writeLink(view)).view).toEqual(
          view.text
            ? {
                ...view,
                seed: defaultView.seed,
                length: defaultView.length,
                kinds: defaultView.kinds,
                facts: defaultView.facts,
                question: defaultView.question,
                turns: defaultView.turns,
              }
            : { ...view, ask: '' },
        );
      }),
      { numRuns: 10_000, seed: 20261121 },
    );
  });

  test('very long ones are read at once', () => {
    for (const text of [
      `seed=${'1'.repeat(1e5)}x`,
      `lanes=${'inverted('.repeat(2e4)}h2o${')'.repeat(2e4)}`,
      `kinds=${'x,'.repeat(5e4)}`,
      'a=1&'.repeat(5e4),
      `text=${'rain'.repeat(5e4)}`,
    ]) {
      expectShowable(readLink(text).view);
    }
  });
});
