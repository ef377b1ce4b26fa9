import { range } from 'd3-array';
import { scaleBand } from 'd3-scale';

/** Every panel is this many units wide, whatever its width on the page. */
export const panelWidth = 280;

/** Cells that stand side by side: where each begins, where its middle is, and how wide it is. */
export interface Band {
  readonly size: number;
  /** Where the last one ends. */
  readonly end: number;
  left(i: number): number;
  middle(i: number): number;
}

/** @param n cells @param x left edge of the first @param pitch from one to the next, in units of the panel */
export function band(n: number, x: number, pitch = 16): Band {
  const scale = scaleBand<number>(range(n), [x, x + n * pitch]).paddingInner(0.2);
  const [step, size] = [scale.step(), scale.bandwidth()];
  const left = (i: number) => x + i * step;
  return { size, end: left(n - 1) + size, left, middle: (i) => left(i) + size / 2 };
}

/** The token row that most pictures begin with: as many as fit. */
export const tokens = band(16, 12);
