import { defineSchedule } from './types.ts';

/** When the prompt has been read and whenever an answer is complete, before the next question comes: the budget stays the same share of all that was read. */
export const betweenTurns = defineSchedule({
  name: 'between-turns',
  caption: { name: 'between turns', idea: 'again after every answer' },
  source: 'ours; as servers compress between requests',
  settings: {},
  make: () => ({ due: ({ moment, read }) => (moment === 'token' ? undefined : read) }),
});
