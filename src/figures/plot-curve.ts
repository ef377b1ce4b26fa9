import * as Plot from '@observablehq/plot';
import type { CurvePoint } from '../state/curve.ts';

const strokes = ['0', '6 3', '2 3', '10 3 2 3', '1 5', '12 4', '4 2', '8 2 2 2'];

/** Share of right answers against live bytes, a line a lane, named at its end. Lines differ by dash, not by hue: hues belong to levers. */
export function plotCurve(
  points: readonly (CurvePoint & { readonly label: string })[],
  width: number,
): SVGSVGElement | HTMLElement {
  const lanes = [...new Set(points.map(({ label }) => label))];
  const data = points.map((point) => ({ ...point, share: point.right / point.n })).sort((a, b) => a.live - b.live);
  const lines = lanes.flatMap((lane, i) => {
    const own = data.filter(({ label }) => label === lane);
    const middle =
      own.filter(({ keep }) => keep <= [0.2, 0.3, 0.1, 0.4, 0.15, 0.5, 0.05, 0.75][i % 8]!).at(-1) ?? own.at(-1)!;
    return [
      Plot.line(own, {
        x: 'live',
        y: 'share',
        stroke: 'currentColor',
        strokeWidth: lane === 'Full cache' ? 2.5 : 1.5,
        strokeDasharray: strokes[i % strokes.length]!,
      }),
      Plot.dot(own, { x: 'live', y: 'share', r: 2.5, fill: 'currentColor' }),
      Plot.text([middle], {
        x: 'live',
        y: 'share',
        text: () => lane,
        dy: -10,
        stroke: 'var(--paper)',
        strokeWidth: 4,
        fill: 'currentColor',
      }),
    ];
  });
  const chart = Plot.plot({
    width,
    height: Math.min(460, Math.max(300, width * 0.5)),
    marginTop: 40,
    marginLeft: 56,
    marginBottom: 44,
    ariaLabel: `Share of right answers against live bytes, after ${points[0]?.n ?? 0} texts`,
    x: { label: 'live bytes, share of the full cache', percent: true, domain: [0, 100], ticks: 5 },
    y: { label: 'right answers', percent: true, domain: [0, 100], ticks: 5, grid: true },
    marks: [Plot.ruleY([0]), ...lines],
  });
  // The page's policy forbids styles inside pictures; the few rules that the chart needs are in Curve.svelte.
  chart.querySelector('style')?.remove();
  return chart;
}
