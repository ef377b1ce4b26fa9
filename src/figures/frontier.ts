import { parseLane, scoreOf, termsOf } from '../engine/lane-spec.ts';
import type { Cell } from '../engine/measure/cell.ts';

/** What makes a lane smaller: fewer entries, fewer bits, or both. */
export type Way = 'fewer' | 'smaller' | 'both';

export interface Track {
  readonly lane: string;
  readonly way: Way;
  /** By bytes, each size once: a lane that takes less than it may does the same at every budget above. */
  readonly cells: readonly Cell[];
}

function wayOf(lane: string): Way {
  const { spec } = parseLane(lane);
  if (!termsOf(spec, 'codec').length) return 'fewer';
  return scoreOf(spec).name === 'full' ? 'smaller' : 'both';
}

export function tracksOf(cells: readonly Cell[]): Track[] {
  return [...new Set(cells.map(({ lane }) => lane))].map((lane) => {
    const sizes = new Map(cells.filter((cell) => cell.lane === lane).map((cell) => [cell.bytes.toFixed(3), cell]));
    return { lane, way: wayOf(lane), cells: [...sizes.values()].sort((a, b) => a.bytes - b.bytes) };
  });
}

/** The cells within so many bytes that are right most often, and all that cannot be told from them: whose intervals reach as high. */
export function bestWithin(cells: readonly Cell[], bytes: number): { best: Cell; alike: Cell[] } | undefined {
  const fit = tracksOf(cells.filter((cell) => cell.bytes <= bytes + 1e-6)).map(({ cells: own }) =>
    own.reduce((a, b) => (better(b, a) ? b : a)),
  );
  if (!fit.length) return undefined;
  const best = fit.reduce((a, b) => (better(b, a) ? b : a));
  return { best, alike: fit.filter((cell) => cell !== best && cell.high >= best.low) };
}

/** Of two that are right as often, the one that strays less. */
const better = (a: Cell, b: Cell) => a.right / a.n > b.right / b.n || (a.right / a.n === b.right / b.n && a.kl < b.kl);

export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Moves labels up, `gap` at a time, until none lies on one that was placed before. @param labels centered at x, standing on y @returns their heights */
export function stacked(labels: readonly Label[], gap: number): number[] {
  const placed: Label[] = [];
  for (const label of labels) {
    const hits = (y: number) =>
      placed.some(
        (other) => Math.abs(other.x - label.x) * 2 < other.width + label.width && Math.abs(other.y - y) < gap,
      );
    let { y } = label;
    while (hits(y)) y -= gap;
    placed.push({ ...label, y });
  }
  return placed.map(({ y }) => y);
}
