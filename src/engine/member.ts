import type { SettingTable, Settings } from './settings.ts';

/** The six questions that a lane answers. A lane has at most one member for each, but fates, which may chain. */
export const roles = ['score', 'budget', 'schedule', 'fate', 'codec', 'retrieval'] as const;
export type Role = (typeof roles)[number];

/** An inner term that a member takes, and the one that is meant where none is written. */
export interface Wrapped {
  readonly role: Role;
  readonly default: string;
}

export interface Caption {
  readonly name: string;
  readonly idea: string;
}

/** What a member says of itself, once: the parser, the lab's controls, the catalog, the tests and the command line all read it. */
export interface Member<T extends SettingTable = SettingTable> {
  readonly name: string;
  readonly role: Role;
  readonly settings: T;
  /** How it is called above a lane, and what it does in a few words. */
  readonly caption: Caption;
  /** What its settings add to its name, such as "2 bits". */
  detail?(settings: Settings<T>): string;
  /** Where the rule comes from: a paper, a repository, or that it is ours. */
  readonly source: string;
  readonly wraps?: readonly Wrapped[];
  /** The catalog entry that tells of it, where it has another name. */
  readonly entry?: string;
}
