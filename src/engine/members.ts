import { budgets } from './budget/index.ts';
import type { BudgetMember } from './budget/types.ts';
import { scores } from './eviction/index.ts';
import type { ScoreMember } from './eviction/types.ts';
import { fates } from './fate/index.ts';
import type { FateMember } from './fate/types.ts';
import type { Role } from './member.ts';
import { codecs } from './quantization/index.ts';
import type { CodecMember } from './quantization/types.ts';
import { retrievals } from './retrieval/index.ts';
import type { RetrievalMember } from './retrieval/types.ts';
import { schedules } from './schedule/index.ts';
import type { ScheduleMember } from './schedule/types.ts';

export type AnyMember = ScoreMember | BudgetMember | ScheduleMember | FateMember | CodecMember | RetrievalMember;

/** The one index of everything that a lane can be made of, by role. */
export const members: readonly AnyMember[] = [...scores, ...budgets, ...schedules, ...fates, ...codecs, ...retrievals];

const byName = new Map(members.map((member) => [member.name, member]));

export const memberOf = (name: string): AnyMember | undefined => byName.get(name);

export const membersOf = <R extends Role>(role: R) =>
  members.filter((member): member is Extract<AnyMember, { role: R }> => member.role === role);
