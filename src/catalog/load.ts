import { getCollection, type CollectionEntry } from 'astro:content';
import { problemsOf } from './check.ts';
import { byName } from './rows.ts';

export type LoadedEntry = CollectionEntry<'methods'>;

let loaded: Promise<LoadedEntry[]> | undefined;

/** Every entry, by name. Astro only logs a reference that leads nowhere; here it fails the build. */
export function loadEntries(): Promise<LoadedEntry[]> {
  if (import.meta.env.DEV) loaded = undefined;
  loaded ??= read();
  return loaded;
}

async function read(): Promise<LoadedEntry[]> {
  const entries = (await getCollection('methods')).sort((a, b) => byName(a.data, b.data));
  const problems = problemsOf(entries);
  if (problems.length) throw new Error(`The catalog does not hold together:\n  ${problems.join('\n  ')}`);
  return entries;
}
