import type { Bar } from '../calculator/unified-memory.ts';
import { said } from '../calculator/units.ts';

const gib = 2 ** 30;

/** The bar in one sentence: what it adds up to, how much of that is the active cache, and whether a limit is passed. */
export function memorySentence({ pools, total, wired }: Bar, memory: number, limit: number): string {
  const active = pools.find(({ name }) => name === 'active cache')!.bytes;
  const room = memory - total;
  const fits =
    room < 0
      ? `${said(-room)} more than there is: something is paged out`
      : `which leaves ${said(room)}${room < 6 * gib ? ', and macOS pages before memory is full' : ''}`;
  const share = Math.round((100 * active) / total);
  const over = limit > 0 && wired > limit ? ` What the GPU needs, ${said(wired)}, is over the wired limit.` : '';
  return `${said(total)} of ${said(memory)} are taken, ${fits}. The active cache is ${said(active)} of that, ${share < 1 ? 'less than 1' : share} %.${over}`;
}
