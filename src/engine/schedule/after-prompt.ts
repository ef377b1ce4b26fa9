import { defineSchedule } from './types.ts';

/** Once, when the prompt has been read: what most papers measure, and what a lane does whose schedule is not written out. */
export const afterPrompt = defineSchedule({
  name: 'after-prompt',
  caption: { name: 'after the prompt', idea: 'once' },
  source: 'kvpress BasePress',
  settings: {},
  make: () => ({ due: ({ moment, prompt }) => (moment === 'prompt' ? prompt : undefined) }),
});
