import { defineRetrieval, type Retriever } from './types.ts';

const nothingToDo: Retriever = { fork: () => nothingToDo, bytes: () => 0 };

/** Every step reads all that is held: what a lane does whose retrieval is not written out. */
export const everything = defineRetrieval({
  name: 'everything',
  caption: { name: 'everything', idea: 'all that is held is read' },
  source: 'attention as it is',
  settings: {},
  make: () => nothingToDo,
});
