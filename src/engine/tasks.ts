import type { SeededOptions } from './prompt.ts';
import { amounts } from './world/text.ts';

/** Texts and questions that tell ways of fetching apart. The shipped model answers all of them with its full cache. */
export interface Task {
  readonly about: string;
  readonly options: SeededOptions & Required<Pick<SeededOptions, 'kinds' | 'turns'>>;
}

export const taskNames = ['needle', 'needles', 'list', 'return', 'dense'] as const;
export type TaskName = (typeof taskNames)[number];

const one = ['code', 'place', 'liking'] as const;

export const tasks: Readonly<Record<TaskName, Task>> = {
  needle: {
    about: 'One fact among much filler, asked late.',
    options: { length: 512, kinds: one, density: amounts.few, turns: 1 },
  },
  needles: {
    about: 'Four facts, asked one after the other, so that what is near has to change.',
    options: { length: 512, kinds: one, turns: 4 },
  },
  list: {
    about: 'A list is recited: the longest answers that the model gives.',
    options: { length: 512, kinds: ['list'], turns: 1 },
  },
  return: {
    about: 'A conversation that comes back to the fact it began with.',
    options: { length: 512, kinds: ['conversation', ...one], turns: 3, again: true },
  },
  // The model was never taught to count. A list that fills a fifth or more of a short text is what it has of a task that needs much of the text at once.
  dense: {
    about: 'A list in a short text: the answer needs more of the text than a small cache holds.',
    options: { length: 64, kinds: ['list'], turns: 1 },
  },
};
