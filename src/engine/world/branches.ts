import { pick, seeded, shuffle, type Random } from '../random.ts';
import { editedKinds, othersLike } from './edits.ts';
import type { Question } from './questions.ts';
import { writeText } from './text.ts';
import { exchangeable } from './vocabulary.ts';

/** How a second prompt differs from the first, whose question it ends with. */
export const branchKinds = ['same', 'verbs', 'swapped', 'fact', 'dealt', 'shuffled', 'other'] as const;
export type BranchKind = (typeof branchKinds)[number];

export interface Branches {
  readonly root: readonly string[];
  readonly question: readonly string[];
  readonly others: Readonly<Record<BranchKind, readonly string[]>>;
}

const options = { length: 128, kinds: editedKinds };

/** A text, a question, and the same text in other words, in another order, with other facts: prompts that a server might take for the same one. */
export function branchesOf(seed: number): Branches {
  const { words: root, questions } = writeText(seed, options);
  const random = seeded(seed);
  const [question] = questions as [Question];
  const sentences = sentencesIn(root);
  const text = (all: readonly (readonly string[])[]) => [root[0]!, ...all.flat()];
  return {
    root,
    question: question.words,
    others: {
      same: root,
      verbs: root.map((word) => alike[word] ?? word),
      swapped: text(swapped(random, sentences)),
      fact: withOther(random, root, question),
      dealt: dealt(random, root),
      shuffled: text(shuffle(random, sentences)),
      other: writeText(seed + 1_000_003, options).words,
    },
  };
}

/** Verbs that the world uses for the same. */
const alike: Readonly<Record<string, string>> = {
  carried: 'took',
  took: 'brought',
  brought: 'carried',
  likes: 'loves',
  loves: 'likes',
};

function sentencesIn(words: readonly string[]): string[][] {
  const sentences: string[][] = [[]];
  for (const word of words.slice(1)) {
    sentences.at(-1)!.push(word);
    if (word === '.') sentences.push([]);
  }
  return sentences.filter(({ length }) => length);
}

/** Two neighbours change places; the last sentence stays, as the gate looks at the last word. */
function swapped(random: Random, sentences: readonly string[][]): string[][] {
  const all = [...sentences];
  const at = Math.floor(random() * (all.length - 2));
  [all[at], all[at + 1]] = [all[at + 1]!, all[at]!];
  return all;
}

/** The first word of the answer is another. */
function withOther(random: Random, words: readonly string[], { needed, answer }: Question): string[] {
  const at = needed.find((position) => answer.includes(words[position]!))!;
  return words.with(at, pick(random, othersLike(words[at]!, words)));
}

/** Every number, food and place of the text changes its name with another of its class. */
function dealt(random: Random, words: readonly string[]): string[] {
  const names = new Map<string, string>();
  for (const members of [exchangeable.numbers, exchangeable.foods, exchangeable.places]) {
    const used = [...new Set(words.filter((word) => members.includes(word)))];
    shuffle(random, used).forEach((name, i) => names.set(used[i]!, name));
  }
  return words.map((word) => names.get(word) ?? word);
}
