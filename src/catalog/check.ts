import { defaultTerms, parseLane, type Term } from '../engine/lane-spec.ts';
import { memberOf, members } from '../engine/members.ts';
import { laneOf } from './rows.ts';
import type { Entry } from './schema.ts';

/** What a lane does when nobody says otherwise has no entry of its own; the full cache has, as the line that others are compared with. */
const implied = new Set(Object.values(defaultTerms).filter((name) => name !== 'full'));

/** Every member of the engine that an entry has to tell of. */
export const engineIds = members
  .map(({ name }) => name)
  .filter((name) => !implied.has(name))
  .sort();

export const slugOfEngine = (id: string) => memberOf(id)?.entry ?? id;

/** Addresses below /methods/ that are taken. */
const reserved = new Set(['contribute', 'index']);

const namesIn = ({ name, terms }: Term): string[] => [name, ...terms.flatMap(namesIn)];

const partsOf = (lane: string) => parseLane(lane).spec.terms.flatMap(namesIn);

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
  const strangers = partsOf(lane).filter((part) => !known.has(slugOfEngine(part)) && !implied.has(part));
  return [
    ...parseLane(lane).problems.map((problem) => `${id}: runs "${lane}": ${problem}`),
    ...strangers.map((part) => `${id}: runs "${part}", which has no entry.`),
  ];
}

/** Members that are told of together: an entry runs one of them. */
export const siblingsOf = (id: string) => engineIds.filter((other) => slugOfEngine(other) === slugOfEngine(id));

/** The engine can run it, so its entry has to say so. */
function engine(entries: ReadonlyMap<string, Entry>): string[] {
  return engineIds.flatMap((id) => {
    const entry = entries.get(slugOfEngine(id));
    if (!entry) return [`The engine has "${id}", and there is no content/methods/${slugOfEngine(id)}.md.`];
    const lane = laneOf(entry.data);
    return lane !== undefined && siblingsOf(id).some((name) => partsOf(lane).includes(name))
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
