/** Readers who force their own few colours still see what is forgotten: that is told by ink, and by nothing else. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/styles/site.css';
import ComparisonFigure from '../../src/figures/Comparison.svelte';
import type { Shown } from '../../src/state/compare.ts';
import { Comparison } from '../../src/state/comparison.svelte.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { shippedComparer } from './shipped.ts';

const emulate = (features: Record<string, string>) =>
  cdp().send('Emulation.setEmulatedMedia', {
    features: Object.entries(features).map(([name, value]) => ({ name, value })),
  });
afterAll(() => emulate({ 'forced-colors': '', 'prefers-color-scheme': '' }));

/** Every style rule, with the media queries around it. */
function* styleRules(rules: CSSRuleList, media = ''): Generator<{ rule: CSSStyleRule; media: string }> {
  for (const rule of rules) {
    if (rule instanceof CSSStyleRule) yield { rule, media };
    else if (rule instanceof CSSGroupingRule)
      yield* styleRules(rule.cssRules, rule instanceof CSSMediaRule ? media + rule.conditionText : media);
  }
}
const forcedRules = () =>
  [...document.styleSheets]
    .flatMap((sheet) => [...styleRules(sheet.cssRules)])
    .filter(({ media }) => media.includes('forced-colors'))
    .map(({ rule }) => rule.selectorText);

const sources = Object.values(
  import.meta.glob<string>(['../../src/**/*.svelte', '../../src/**/*.astro', '../../src/figures/*.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
).map((text) => text.replace(/<style[\s\S]*?<\/style>/g, '').replace(/<!--[\s\S]*?-->/g, ''));

describe('the rules for forced colours', () => {
  test('are there', () => {
    expect(forcedRules().length).toBeGreaterThan(3);
    expect(forcedRules().some((selector) => selector.includes('.'))).toBe(true);
  });

  test('name only classes that something on the site has', () => {
    const classes = forcedRules().flatMap((selector) => selector.match(/\.[a-z][\w-]*/g) ?? []);
    const used = (name: string) => sources.some((text) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text));
    expect(classes.filter((name) => !used(name.slice(1)))).toEqual([]);
  });
});

describe.each(['light', 'dark'])('a figure in forced colours on %s paper', (scheme) => {
  const view: View = { ...defaultView, lanes: ['full', 'h2o', 'kivi'], length: 128, seed: 3, keep: 0.1 };
  let shown: Shown;
  let figure: Element;
  /** The reader's own two colours, as the browser resolves them. */
  let own: { ink: string; paper: string };

  beforeAll(async () => {
    await emulate({ 'forced-colors': 'active', 'prefers-color-scheme': scheme });
    // What the reader chose in the header of the site, once, does not count here.
    document.documentElement.dataset['theme'] = scheme === 'light' ? 'dark' : 'light';
    const probe = Object.assign(document.createElement('p'), { style: 'color: CanvasText; background: Canvas' });
    document.body.append(probe);
    const { color, backgroundColor } = getComputedStyle(probe);
    own = { ink: color, paper: backgroundColor };
    probe.remove();
    shown = (await shippedComparer()).explain(view);
  });

  beforeEach(async () => {
    const comparison = new Comparison(view, shown, false);
    figure = (await render(ComparisonFigure, { title: 'Memories', base: '/', shared: comparison })).container;
  });

  /** How light a colour is, from 0 to 255, as it is painted. */
  function lightness(colour: string): number {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
    const context = canvas.getContext('2d')!;
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    return (r! + g! + b!) / 3;
  }
  const styles = (selector: string) =>
    [...figure.querySelectorAll(selector)].map((element) => getComputedStyle(element));
  const distance = (colour: string) => Math.abs(lightness(colour) - lightness(own.paper));

  test('they are the colours that are forced', () => {
    expect(matchMedia('(forced-colors: active)').matches).toBe(true);
    expect(lightness(own.paper) > lightness(own.ink)).toBe(scheme === 'light');
    expect(styles('.lane-name')[0]!.color).toBe(own.ink);
  });

  test('what is kept has full ink, and what is gone has less, but can still be read', () => {
    const [kept, gone] = [styles('.ink-16'), styles('.lane-words .ink-0')];
    expect(kept.length).toBeGreaterThan(100);
    expect(gone.length).toBeGreaterThan(20);
    const full = distance(own.ink);
    for (const { color } of kept) expect(distance(color)).toBe(full);
    for (const { color } of gone) {
      expect(distance(color)).toBeLessThan(0.75 * full);
      expect(distance(color)).toBeGreaterThan(0.25 * full);
    }
  });

  test('ink falls step by step', () => {
    const words = figure.querySelectorAll('.lane-words')[0]!;
    const word = words.querySelector('span > span')!;
    const before = word.className;
    const steps = Array.from({ length: 17 }, (_, level) => {
      word.className = `ink-${level}`;
      return distance(getComputedStyle(word).color);
    });
    word.className = before;
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    // To eight bits the two darkest may be one.
    expect(new Set(steps).size).toBeGreaterThanOrEqual(16);
  });

  test('words of few bits are whole letters with a dotted line', () => {
    const low = styles('.ink-low');
    expect(low.length).toBeGreaterThan(20);
    for (const style of low) {
      expect(style.textDecoration).toContain('underline dotted');
      expect(style.webkitTextFillColor).toBe(style.color);
      expect(parseFloat(style.webkitTextStrokeWidth)).toBe(0);
    }
    expect(styles('.ink-16:not(.ink-low)')[0]!.textDecorationLine).toBe('none');
  });

  test('what the answer is owed to is washed, and can be read', () => {
    const washed = styles('[class*="attend-"]');
    expect(washed.length).toBeGreaterThan(0);
    for (const { backgroundColor, color } of washed) {
      expect(backgroundColor).not.toMatch(/rgba\(.*, 0\)/);
      expect(Math.abs(lightness(backgroundColor) - lightness(color))).toBeGreaterThan(30);
    }
  });

  test('pictures are drawn in the same ink on the same paper', () => {
    const [held] = styles('.fill-ink');
    const [paper] = styles('.fill-paper');
    expect(distance(held!.fill)).toBe(distance(own.ink));
    expect(distance(paper!.fill)).toBeLessThan(0.3 * distance(own.ink));
    expect(distance(styles('.block')[0]!.stroke)).toBeGreaterThan(30);
  });
});
