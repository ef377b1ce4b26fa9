/** Reads generated texts with nothing but their words at hand, as a check on what the generator says about them. */
import fc from 'fast-check';
import { kinds, type FactKind, type Kind } from '../../../src/engine/world/facts.ts';
import { writeText, type Text, type TextOptions } from '../../../src/engine/world/text.ts';

export interface Found {
  readonly kind: FactKind;
  readonly key: string;
  readonly answer: readonly string[];
  readonly start: number;
  readonly end: number;
}

const carried = new Set(['carried', 'brought', 'took']);
const liked = new Set(['likes', 'loves']);

/** The fact whose sentence starts at `i`, if one does. */
function factAt(words: readonly string[], i: number): Found | undefined {
  const [a, b, c, d, e, f, g, h] = words.slice(i, i + 8) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const stop = words.indexOf('.', i);
  const found = (kind: FactKind, key: string, from: number): Found => ({
    kind,
    key,
    answer: words.slice(from, stop),
    start: i,
    end: stop + 1,
  });
  if (`${a} ${b} ${c} ${d} ${f}` === 'the code for the is') return found('code', e, i + 6);
  if (carried.has(b) && `${c} ${e} ${f} ${h}` === 'the to the .')
    return found('place', d, i + 6) && { ...found('place', d, i + 6), answer: [g] };
  if (liked.has(b) && d === '.') return found('liking', a, i + 2);
  if (`${a} ${b} ${c} ${e}` === 'the list of says') return found('list', d, i + 5);
  return undefined;
}

export const factsIn = (words: readonly string[]): Found[] => words.flatMap((_, i) => factAt(words, i) ?? []);

/** What a question asks about. */
export function asked(words: readonly string[]): { kind: FactKind; key: string } | undefined {
  const text = words.join(' ');
  const patterns: readonly (readonly [FactKind, RegExp])[] = [
    ['code', /^what is the code for the (\S+) \?$/],
    ['place', /^where is the (\S+) \?$/],
    ['liking', /^what does (\S+) like \?$/],
    ['list', /^what is on the list of (\S+) \?$/],
  ];
  for (const [kind, pattern] of patterns) {
    const key = pattern.exec(text)?.[1];
    if (key) return { kind, key };
  }
  return undefined;
}

/** Words without the turns around them. */
export const bare = (words: readonly string[]) => words.filter((word, i) => !(word === ':' || words[i + 1] === ':'));

/** The facts that hold after `end` words: of those about one key, the last. */
export const holding = (words: readonly string[], end = words.length) =>
  new Map(factsIn(words.slice(0, end)).map((fact) => [`${fact.kind} ${fact.key}`, fact]));

export interface FoundRule {
  readonly kind: FactKind;
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** The rules at the very start, one after the other. */
export function rulesOf(words: readonly string[]): FoundRule[] {
  const rules: FoundRule[] = [];
  const patterns: readonly (readonly [FactKind, RegExp])[] = [
    ['code', /^never tell the code for the (\S+) \.$/],
    ['place', /^never say where the (\S+) is \.$/],
    ['liking', /^never tell what (\S+) likes \.$/],
  ];
  for (let start = 1; words[start] === 'never';) {
    const end = words.indexOf('.', start) + 1;
    const sentence = words.slice(start, end).join(' ');
    const [kind, pattern] = patterns.find(([, one]) => one.test(sentence))!;
    rules.push({ kind, key: pattern.exec(sentence)![1]!, start, end });
    start = end;
  }
  return rules;
}

export interface Drawn {
  readonly seed: number;
  readonly options: TextOptions;
  readonly text: Text;
}

/** Any text that the site or the training may write. Lists alone need 40 tokens. */
export const texts = (restrict: Partial<Record<keyof TextOptions, fc.Arbitrary<unknown>>> = {}): fc.Arbitrary<Drawn> =>
  fc
    .record({
      seed: fc.integer({ min: 0, max: 0xffffffff }),
      options: fc.record({
        length: fc.oneof(fc.integer({ min: 40, max: 200 }), fc.integer({ min: 40, max: 1024 })),
        kinds: fc.subarray<Kind>([...kinds], { minLength: 1 }),
        density: fc.double({ min: 0.5, max: 1.6, noNaN: true }),
        loose: fc.boolean(),
        free: fc.constant(0),
        ...restrict,
      }) as fc.Arbitrary<TextOptions>,
    })
    .map(({ seed, options }) => ({ seed, options, text: writeText(seed, options) }));
