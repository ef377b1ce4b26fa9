/** What a cache should hold after any operations, worked out with plain lists in double precision. */
import { integer, shuffle, type Random } from '../../../src/engine/random.ts';
import { tiny } from './stores.ts';

export interface Entry {
  readonly token: number;
  readonly position: number;
  readonly slot: number;
  /** 1 with the host. */
  readonly host: number;
  readonly keyBits: number;
  readonly valueBits: number;
  readonly overhead: number;
  readonly key: readonly number[];
  readonly value: readonly number[];
}

export interface Expected {
  readonly length: number;
  /** Slot of the next token. */
  readonly tail: number;
  readonly heads: readonly (readonly Entry[])[];
  /** For each head the positions of all tokens that took one, dropped or not, since its keys were last turned. */
  readonly positions: readonly ReadonlyMap<number, number>[];
  /** For each head the tokens that had come when its keys were last turned. */
  readonly turned: readonly number[];
  readonly beside: readonly number[];
}

const heads = tiny.layers * tiny.kvHeads;
const perHead = <T>(of: (head: number) => T): T[] => Array.from({ length: heads }, (_, head) => of(head));

export const blank: Expected = {
  length: 0,
  tail: 0,
  heads: perHead(() => []),
  positions: perHead(() => new Map()),
  turned: perHead(() => 0),
  beside: perHead(() => 0),
};

/** The half-split rotation, from its definition. */
export function turn(row: readonly number[], by: number): number[] {
  const half = row.length / 2;
  return row.map((x, c) => {
    const angle = by * tiny.ropeTheta ** (-(c % half) / half);
    return c < half
      ? x * Math.cos(angle) - row[c + half]! * Math.sin(angle)
      : x * Math.cos(angle) + row[c - half]! * Math.sin(angle);
  });
}

export const inLayer = (head: number, layer: number) => Math.floor(head / tiny.kvHeads) === layer;

/** The same but for the heads of one layer. */
export const mapLayer = (
  { heads: lists, ...rest }: Expected,
  layer: number,
  change: (entries: readonly Entry[], kvHead: number, head: number) => readonly Entry[],
): Expected => ({
  ...rest,
  heads: lists.map((entries, head) =>
    inLayer(head, layer) ? change(entries, head - layer * tiny.kvHeads, head) : entries,
  ),
});

export const nextPosition = ({ positions }: Expected, head: number) => Math.max(-1, ...positions[head]!.values()) + 1;

const lastSlot = (lists: Expected['heads']) =>
  Math.max(
    -1,
    ...lists
      .flat()
      .filter(({ host }) => !host)
      .map(({ slot }) => slot),
  );

export const rewound = (one: Expected): Expected => ({ ...one, tail: lastSlot(one.heads) + 1 });

/** @param rows for each head one row for each new token */
export function appended(
  one: Expected,
  count: number,
  rows: (head: number, i: number) => Pick<Entry, 'key' | 'value'>,
): Expected {
  const first = perHead((head) => nextPosition(one, head));
  const fresh = (head: number) =>
    Array.from({ length: count }, (_, i) => ({
      token: one.length + i,
      position: first[head]! + i,
      slot: one.tail + i,
      host: 0,
      keyBits: 16,
      valueBits: 16,
      overhead: 0,
      ...rows(head, i),
    }));
  const added = perHead(fresh);
  return {
    ...one,
    length: one.length + count,
    tail: one.tail + count,
    heads: one.heads.map((entries, head) => [...entries, ...added[head]!]),
    positions: one.positions.map(
      (positions, head) =>
        new Map([...positions, ...added[head]!.map(({ token, position }) => [token, position] as const)]),
    ),
  };
}

export const retained = (one: Expected, layer: number, kept: readonly (readonly number[])[]): Expected =>
  mapLayer(one, layer, (entries, kvHead) => kept[kvHead]!.map((entry) => entries[entry]!));

/** @param chosen for each KV head entries that go to one memory, where they do not lie there already: with the host into the slot of their number, else into the lowest free one */
export function moved(
  one: Expected,
  layer: number,
  to: 'host' | 'device',
  chosen: readonly (readonly number[])[],
): Expected {
  const after = mapLayer(one, layer, (entries, kvHead) => {
    const taken = entries.filter(({ host }) => !host).map(({ slot }) => slot);
    return entries.map((entry, i) => {
      if (!chosen[kvHead]!.includes(i) || entry.host === Number(to === 'host')) return entry;
      if (to === 'host') return { ...entry, host: 1, slot: entry.token };
      let slot = 0;
      while (taken.includes(slot)) slot++;
      taken.push(slot);
      return { ...entry, host: 0, slot };
    });
  });
  return { ...after, tail: Math.max(one.tail, lastSlot(after.heads) + 1) };
}

export function rotated(one: Expected, layer: number): Expected {
  const after = mapLayer(one, layer, (entries) =>
    entries.map((entry, i) => ({ ...entry, position: i, key: turn(entry.key, i - entry.position) })),
  );
  return {
    ...after,
    positions: one.positions.map((positions, head) =>
      inLayer(head, layer) ? new Map(after.heads[head]!.map(({ token, position }) => [token, position])) : positions,
    ),
    turned: one.turned.map((turned, head) => (inLayer(head, layer) ? one.length : turned)),
  };
}

/** Back to before the last turn, nobody knows any more what was held then but is not now. */
export function truncated(one: Expected, length: number): Expected {
  if (length >= one.length) return one;
  const stays = one.heads.map((entries) => entries.filter(({ token }) => token < length));
  return rewound({
    ...one,
    length,
    heads: stays,
    positions: one.positions.map((positions, head) =>
      length >= one.turned[head]!
        ? new Map([...positions].filter(([token]) => token < length))
        : new Map(stays[head]!.map(({ token, position }) => [token, position])),
    ),
    turned: one.turned.map((turned) => Math.min(turned, length)),
  });
}

/** Tokens [0, n) that every head holds as they came, n as large as it can be. */
export function whole({ heads: lists, length }: Expected): number {
  const asItCame = ({ token, slot, host, keyBits, valueBits }: Entry, i: number) =>
    token === i && slot === i && !host && keyBits === 16 && valueBits === 16;
  let n = 0;
  while (n < length && lists.every((entries) => entries[n] && asItCame(entries[n]!, n))) n++;
  return n;
}

/** A run of tokens that every head holds. */
export function commonRun(
  { heads: lists, length }: Expected,
  random: Random,
): { from: number; to: number } | undefined {
  const everywhere = Array.from({ length }, (_, token) => token).filter((token) =>
    lists.every((entries) => entries.some((entry) => entry.token === token)),
  );
  if (!everywhere.length) return undefined;
  const from = everywhere[integer(random, 0, everywhere.length - 1)]!;
  let to = from + 1;
  while (to < from + 20 && everywhere.includes(to)) to++;
  return { from, to };
}

/** A random part of a list's indices, ascending. */
export const someOf = (random: Random, length: number): number[] =>
  Array.from({ length }, (_, entry) => entry).filter(() => random() < 0.7);

/** Where entries move when holes before the last slot needed are filled, the lowest first. */
export function intoHoles(entries: readonly Entry[]): number[] {
  const slots = entries.map(({ slot }) => slot);
  // What lies with the host has a number there, and it stays; nobody minds a hole that is not filled.
  const holes = entries.map((_, slot) => slot).filter((slot) => !slots.includes(slot));
  return slots.map((slot) => (slot < slots.length ? slot : holes.shift()!));
}

/** The same slots in another order. */
export const dealtAgain = (random: Random, entries: readonly Entry[]): number[] =>
  shuffle(
    random,
    entries.map(({ slot }) => slot),
  );
