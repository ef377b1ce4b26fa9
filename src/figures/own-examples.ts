/** Texts to begin with, for readers who want to write their own: each has words that the model never saw, and a question that it can answer. */
export interface OwnExample {
  readonly name: string;
  readonly text: string;
  readonly ask: string;
  readonly answer: string;
}

export const ownExamples: readonly OwnExample[] = [
  {
    name: 'a code',
    text: 'It rained all night. The code for the observatory is 22 27. Zofia likes pancakes. The road was clear. The code for the mill is 61 40. Nobody came to the door. The code for the tramshed is 35 12. The wood was dry.',
    ask: 'What is the code for the observatory?',
    answer: '22 27',
  },
  {
    name: 'a thing that moves',
    text: 'Kasimir carried the astrolabe to the attic. The town slept. Zofia took the lantern to the tramshed. Gulls sat on the wall. Kasimir brought the astrolabe to the observatory. Rain fell on the roof. Zofia likes pancakes.',
    ask: 'Where is the astrolabe?',
    answer: 'observatory',
  },
  {
    name: 'a liking',
    text: 'Zofia likes pancakes. The sea was quiet again. Kasimir loves gooseberries. A dog slept near the theatre. Wendeline likes marzipan. The code for the tramshed is 35 12. Snow fell all night.',
    ask: 'What does Kasimir like?',
    answer: 'gooseberries',
  },
];
