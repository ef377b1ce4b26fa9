import { afterPrompt } from './after-prompt.ts';
import { betweenTurns } from './between-turns.ts';
import { every } from './every.ts';
import type { ScheduleMember } from './types.ts';

/** Every schedule, in alphabetical order: the table of contents of this folder. Add a schedule here. */
export const schedules: readonly ScheduleMember[] = [afterPrompt, betweenTurns, every];
