import type { Member } from '../member.ts';
import type { SettingTable, Settings } from '../settings.ts';

/** What has just happened in a lane. */
export interface Clock {
  readonly moment: 'prompt' | 'token' | 'turn';
  /** Tokens that the lane has read so far. */
  readonly read: number;
  /** Tokens read since it last shrank, or since it began. */
  readonly since: number;
  /** Tokens of the prompt. */
  readonly prompt: number;
}

/** "When?" */
export interface Schedule {
  /** @returns when it is time to shrink, the tokens of the full cache that the budget is a share of; else undefined */
  due(clock: Clock): number | undefined;
}

export interface ScheduleMember<T extends SettingTable = SettingTable> extends Member<T> {
  readonly role: 'schedule';
  make(settings: Settings<T>): Schedule;
}

export const defineSchedule = <const T extends SettingTable>(
  schedule: Omit<ScheduleMember<T>, 'role'>,
): ScheduleMember<T> => ({ ...schedule, role: 'schedule' });
