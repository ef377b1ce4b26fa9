import type { Ink } from './ink.ts';
import { layersText } from './layers-text.ts';

type Span = readonly (readonly number[])[];

/** The query heads of each layer that pay most to the sentence that answers; of equal ones the first. */
export const choosersOf = (span: Span, count: number): ReadonlySet<number>[] =>
  span.map((row) => new Set([...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, count)));

/** Ink of words by how many of the layers hold them. @param held a digit for each word */
export function inkOfLayers(held: string, layers: number): Ink {
  const level = Uint8Array.from(held, (digit) => Math.round((16 * Number(digit)) / layers));
  return { level, bits: new Uint8Array(level.length) };
}

/** How many heads look at the sentence that answers, and where they are, in a sentence. */
export function lookers(span: Span): string {
  const looking = span.map((row) => row.filter((share) => share >= 0.5).length);
  const where = [...looking.keys()].filter((layer) => looking[layer]);
  const most = Math.round(100 * Math.max(0, ...span.filter((_, layer) => !looking[layer]).flat()));
  const [count, all] = [looking.reduce((a, b) => a + b, 0), span.flat().length];
  if (!count)
    return `No head of ${all} pays half of its attention to the sentence that answers, so there is none to choose; the most is ${most}\u00a0%.`;
  const full = where.every((layer) => looking[layer] === span[layer]!.length);
  const heads = full ? `All heads of ${layersText(where)}` : `${count} of ${all} heads, all in ${layersText(where)},`;
  return `${heads} pay half of their attention or more to the sentence that answers, in other layers none pays over ${most}\u00a0%: this model was trained so.`;
}
