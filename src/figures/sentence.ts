import type { Cause } from '../engine/causes.ts';
import type { Frame } from '../engine/timeline.ts';
import type { Outcome, Shown, ShownLane, ShownPrompt } from '../state/compare.ts';
import { proseText } from '../engine/world/prose.ts';
import { listed } from '../catalog/words.ts';
import { laneCaption } from './captions.ts';

export const percent = (share: number) => `${Math.round(100 * share)} %`;

type Done = ShownLane & { readonly outcome: Outcome };

const named = (lanes: readonly ShownLane[]) => listed(lanes.map(({ spec }) => laneCaption(spec).name));

export const answerText = (words: readonly string[], capitals: readonly string[] = []) =>
  proseText(
    words.filter((word) => word !== '.'),
    capitals,
  );

/** What was said, in one line: a long answer by its first words. */
export const briefAnswer = (answer: string) => {
  const words = answerText(answer.split(' ')).split(' ');
  return (words.length > 5 ? `${words.slice(0, 4).join(' ')} …` : words.join(' ')) || 'no word';
};

/** The washes in words, in the order of the text; '' where nothing is washed. */
export const owedText = (causes: readonly Cause[], { words }: Pick<ShownPrompt, 'words'>) => {
  const marked = causes.map(({ position }) => position).sort((a, b) => a - b);
  return marked.length ? `Owed to ${listed(marked.map((position) => `“${words[position]!}”`))}.` : '';
};

/** The question without the turns that a conversation wraps around it. */
export const questionText = ({ question, capitals }: Pick<ShownPrompt, 'question' | 'capitals'>) =>
  proseText(question.slice(question[1] === ':' ? 2 : 0, question.at(-1) === ':' ? -2 : undefined), capitals);

/** A lane that cannot shrink to the budget. The full cache is the line that others are compared with, and nobody asks it to. */
export const isOver = ({ outcome, lane }: ShownLane, keep: number) =>
  outcome !== undefined && !outcome.budget.fits && keep < 1 && lane !== 'full';

/** What the figure shows at the end of its run, for readers who do not see it and for those who want it said. */
function endSentence({ prompt, lanes, view }: Shown): string {
  const done = lanes.filter((lane): lane is Done => lane.outcome !== undefined);
  if (done.length < lanes.length) return `With ${percent(view.keep)} of the cache, each lane is about to answer.`;
  const over = lanes.filter((lane) => isOver(lane, view.keep));
  const note = over.length ? ` ${named(over)} ${over.length > 1 ? 'do' : 'does'} not fit into the budget.` : '';
  const opening = `With ${percent(view.keep)} of the cache, asked “${questionText(prompt)}”, `;
  if (!prompt.expected) {
    const same = done.filter(({ outcome }) => outcome.sameAsFull);
    return `${opening}${done.map(({ spec, outcome }) => `${laneCaption(spec).name} answers “${answerText(outcome.answer, prompt.capitals)}”`).join(', ')}; ${same.length} of ${lanes.length} as the full cache does.${note}`;
  }
  const right = done.filter(({ outcome }) => outcome.right);
  const wrong = done.filter(({ outcome }) => !outcome.right);
  const rightPart = right.length
    ? `${named(right)} ${right.length > 1 ? 'answer' : 'answers'} “${answerText(prompt.expected)}”, which is right`
    : '';
  const wrongPart = wrong.length ? `${named(wrong)} ${wrong.length > 1 ? 'are' : 'is'} wrong` : '';
  return `${opening}${[rightPart, wrongPart].filter(Boolean).join('; ')}.${note}`;
}

/** The sentence of a figure at a tick of its clock. It speaks of the run that is drawn, whatever was asked for since. */
export function sentence(shown: Shown, frames: readonly Frame[], phase: string): string {
  const frame = frames[0];
  if (!frame || phase === 'start') return 'Nothing has been read yet.';
  if (phase === 'read')
    return `The prompt is being read: ${frame.read} of ${shown.prompt.compressedAt} tokens are in every cache.`;
  if (phase === 'compress')
    return `Each lane now lets go of what it does not keep, layer by layer, until ${percent(shown.view.keep)} of the bytes are left.`;
  if (phase === 'ask' && shown.lanes.every(({ outcome }) => outcome))
    return 'The question is read with what is left of the cache.';
  return endSentence(shown);
}
