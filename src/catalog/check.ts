import { policies } from '../engine/eviction/index.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { codecs } from '../engine/quantization/index.ts';
import { laneOf } from './rows.ts';
import type { Entry } from './schema.ts';

/** Every policy and codec of the engine. */
export const engineIds = [...Object.keys(policies), ...Object.keys(codecs)].sort();

/** The entry of an engine id has its name; only "full" would say too little as an address. */
export const slugOfEngine = (id: string) => (id === 'full' ? 'full-cache' : id);

/** Addresses below /methods/ that are taken. */
const reserved = new Set(['contribute', 'index']);

const partsOf = (lane: string) => {
  const { policy, codec } = parseLane(lane).spec;
  return codec ? [policy.name, codec.name] : [policy.name];
};

function references({ id, data }: Entry, known: ReadonlySet<string>): string[] {
  return (['buildsOn', 'comparedWith', 'confusedWith'] as const).flatMap((kind) =>
    data[kind]
      .filter((slug) => slug === id || !known.has(slug))
      .map((slug) => `${id}: ${kind} names "${slug}", ${slug === id ? 'which is itself' : 'which is no entry'}.`),
  );
}

function lanes({ id, data }: Entry, known: ReadonlySet<string>): string[] {
  const lane = laneOf(data);
  if (lane === undefined) return [];
  const strangers = partsOf(lane).filter((part) => !known.has(slugOfEngine(part)));
  return [
    ...parseLane(lane).problems.map((problem) => `${id}: runs "${lane}": ${problem}`),
    ...strangers.map((part) => `${id}: runs "${part}", which has no entry.`),
  ];
}

/** The engine can run it, so its entry has to say so. */
function engine(entries: ReadonlyMap<string, Entry>): string[] {
  return engineIds.flatMap((id) => {
    const entry = entries.get(slugOfEngine(id));
    if (!entry) return [`The engine has "${id}", and there is no content/methods/${slugOfEngine(id)}.md.`];
    return partsOf(laneOf(entry.data) ?? 'full').includes(id) && laneOf(entry.data) !== undefined
      ? []
      : [`${entry.id}: the engine has "${id}", and runs.lane does not name it.`];
  });
}

function twice(entries: readonly Entry[]): string[] {
  const numbers = entries.flatMap(({ data }) => data.founding ?? []);
  return numbers
    .filter((number, i) => numbers.indexOf(number) !== i)
    .map((number) => `Number ${number} of the founding list is given twice.`);
}

/** What is wrong between entries, in sentences that name entry and slug; what is wrong inside one the schema says. */
export function problemsOf(list: readonly Entry[]): string[] {
  const entries = new Map(list.map((entry) => [entry.id, entry]));
  const known = new Set(entries.keys());
  return [
    ...list.filter(({ id }) => reserved.has(id)).map(({ id }) => `${id}: this address is taken by another page.`),
    ...list.flatMap((entry) => references(entry, known)),
    ...list.flatMap((entry) => lanes(entry, known)),
    ...engine(entries),
    ...twice(list),
  ];
}
