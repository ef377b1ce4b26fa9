import type { Wall } from '../state/studies/wall.ts';
import { proseText } from '../engine/world/prose.ts';

/** Names of the ways, in the order of the study, and what each does with the past. */
export const wayNames = [
  ['Keep everything', 'at 16 bits'],
  ['Look at less', 'a window, and the first tokens'],
  ['Fold the past', 'what leaves the window is merged into what stays'],
  ['Keep everything, cheaper', 'QVG: centroids and 2 bits'],
] as const;

export const said = (words: string) => proseText(words.split(' '));

/** The first visit at which a way holds more than the memory has room for; undefined where it never does. */
export const overAt = ({ visits }: Wall, way: number, memory: number) =>
  visits.find(({ ways }) => ways[way]!.held > memory + 0.5);

/** The first visit from which on a way's answer is wrong. */
export function wrongFrom({ visits }: Wall, way: number) {
  const last = visits.findLastIndex(({ ways }) => ways[way]!.right);
  return visits[last + 1];
}

/** What became of a way, in words. */
function fateOf(wall: Wall, way: number, memory: number): string {
  const [over, wrong] = [overAt(wall, way, memory), wrongFrom(wall, way)];
  const answers = wrong ? `is wrong from sentence ${wrong.frames} on` : 'is right';
  return over ? `${answers}, and does not fit from sentence ${over.frames} on` : `fits, and ${answers}`;
}

export function wallSentence(wall: Wall, memory: number): string {
  const { frames } = wall.visits.at(-1)!;
  const fates = wayNames.map(([name], way) => `“${name}” ${fateOf(wall, way, memory)}`);
  return `${said(wall.fact)} That stands at the beginning of ${frames} sentences, and ${wall.visits.length} times the text is asked “${said(wall.question)}” With room for ${memory} tokens at 16 bits, ${fates.join('; ')}. Measured here.`;
}
