import { interval } from '../engine/measure/interval.ts';

/** Whether the 95 % intervals of two counts of right answers lie apart. */
export function apart(a: number, b: number, n: number): boolean {
  const [[lowA, highA], [lowB, highB]] = [interval(a, n), interval(b, n)];
  return highA < lowB || highB < lowA;
}
