import * as Plot from '@observablehq/plot';
import type { Part } from '../calculator/types.ts';
import { sizeOf, type Load } from '../calculator/size.ts';
import { said } from '../calculator/units.ts';
import { dash, stroke } from './dashes.ts';

export interface Drawn {
  readonly name: string;
  readonly parts: readonly Part[];
}

const [shortest, longest] = [8, 20];
/** Four points for each doubling: windows end within one. */
const lengths = Array.from({ length: 4 * (longest - shortest) + 1 }, (_, i) => Math.round(2 ** (shortest + i / 4)));
const short = (tokens: number) =>
  tokens >= 2 ** 20 ? `${tokens / 2 ** 20} Mi` : tokens >= 1024 ? `${tokens / 1024} Ki` : String(tokens);

interface Point {
  readonly name: string;
  readonly tokens: number;
  readonly bytes: number;
}

/** Ends of lines that lie close are moved apart, so that their names can be read. @param ends from the top down */
function spread(ends: readonly Point[], height: (bytes: number) => number, least: number): number[] {
  let last = -Infinity;
  return ends.map(({ bytes }) => {
    const wanted = height(bytes);
    last = Math.max(wanted, last + least);
    return last - wanted;
  });
}

/**
 * Bytes over the length of a text, a line a model, both axes doubling. Lines differ by dash, not by hue: hues belong to levers.
 * @param document of another page, where there is no window: the picture is also drawn when the site is built
 */
export function plotSizes(models: readonly Drawn[], load: Load, width: number, document?: Document): Element {
  const points: Point[] = models.flatMap(({ name, parts }) =>
    lengths.map((tokens) => ({ name, tokens, bytes: sizeOf(parts, { ...load, tokens }).live })),
  );
  const [low, high] = [Math.min(...points.map(({ bytes }) => bytes)), Math.max(...points.map(({ bytes }) => bytes))];
  const narrow = width < 560;
  const [height, top, bottom] = [narrow ? 340 : 400, 28, 44];
  const exponents = [Math.floor(Math.log2(low)), Math.ceil(Math.log2(high))] as const;
  const scale = (bytes: number) =>
    top + ((exponents[1] - Math.log2(bytes)) / (exponents[1] - exponents[0])) * (height - top - bottom);
  const ends = points.filter(({ tokens }) => tokens === 2 ** longest).sort((a, b) => b.bytes - a.bytes);
  const moved = spread(ends, scale, 16);
  const [step, every] = [exponents[1] - exponents[0] > 16 ? 4 : 2, narrow ? 4 : 2];
  const ticks = (from: number, to: number, by: number) =>
    Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => 2 ** (from + i * by));
  const chart = Plot.plot({
    ...(document && { document }),
    width,
    height,
    marginTop: top,
    marginLeft: narrow ? 58 : 72,
    marginRight: narrow ? 12 : 176,
    marginBottom: bottom,
    ariaLabel: `Bytes over the length of the text for ${models.map(({ name }) => name).join(', ')}`,
    x: {
      type: 'log',
      base: 2,
      label: 'tokens',
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: [2 ** shortest, 2 ** longest],
      ticks: ticks(shortest, longest, every),
      tickFormat: short,
    },
    y: {
      type: 'log',
      base: 2,
      label: null,
      domain: [2 ** exponents[0], 2 ** exponents[1]],
      ticks: ticks(Math.ceil(exponents[0] / step) * step, exponents[1], step),
      tickFormat: said,
      grid: true,
    },
    marks: [
      Plot.ruleX([Math.min(2 ** longest, Math.max(2 ** shortest, load.tokens))], {
        stroke: 'var(--rule)',
        strokeWidth: 1.5,
      }),
      ...models.map(({ name }, i) =>
        Plot.line(
          points.filter((point) => point.name === name),
          {
            x: 'tokens',
            y: 'bytes',
            stroke: 'currentColor',
            strokeWidth: stroke(i),
            strokeDasharray: dash(i),
          },
        ),
      ),
      ...(narrow ? [] : ends.map((end, i) => label(end, moved[i]!))),
    ],
  });
  // The page's policy forbids styles inside pictures; the few rules that the chart needs are in SizesChart.svelte.
  chart.querySelector('style')?.remove();
  chart.setAttribute('role', 'img');
  // A picture has one name; those that the library gives to its groups are not allowed without a role.
  for (const group of chart.querySelectorAll('g[aria-label], g[aria-description]')) {
    group.removeAttribute('aria-label');
    group.removeAttribute('aria-description');
  }
  return chart;
}

/** The name of a line at its end. On a narrow picture there is no room for it, and the table above has the same dashes. */
const label = (end: Point, down: number) =>
  Plot.text([end], {
    x: 'tokens',
    y: 'bytes',
    text: 'name',
    textAnchor: 'start',
    dx: 10,
    dy: down,
    fill: 'currentColor',
  });
