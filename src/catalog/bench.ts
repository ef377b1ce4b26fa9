/**
 * How long the catalog takes to answer when it has 1,000 entries:
 *
 *     node src/catalog/bench.ts
 *
 * Measures what happens between a click or a key and the new list: search, filter, counts of every facet, order. A frame has 16.7 ms.
 */
import { pick, seeded } from '../engine/random.ts';
import { facetKeys, facets, filter, sort, type Chosen, type Facet } from './facets.ts';
import { usualState } from './query.ts';
import type { Row } from './rows.ts';
import { buildIndex, openIndex } from './search.ts';
import { attentions, budgets, companions, entryKinds, levers, marks, phases, trainings } from './values.ts';

const words =
  'attention budget cache chunk codec decode draft eviction exact frame gate head index key layer mask merge norm oracle page prefix query rank score sink slot token trace value window'.split(
    ' ',
  );

/** Entries that no one wrote, as varied as the real ones and with as many words. */
function generate(n: number, seed = 1): { rows: Row[]; prose: string[] } {
  const random = seeded(seed);
  const one = <T>(values: readonly T[]): T => pick(random, values);
  const text = (length: number) => Array.from({ length }, () => one(words)).join(' ');
  const marked = () => ({ mark: one(marks), why: text(15) });
  const rows = Array.from({ length: n }, (_, i): Row => ({
    slug: `method-${i}`,
    name: `${one(words)}${one(words)}-${i}`,
    idea: text(20),
    kind: one(entryKinds),
    levers: [one(levers)],
    phases: [one(phases)],
    needs: { attention: one(attentions), queries: one(marks), training: one(trainings), secondModel: one(marks) },
    worksWith: Object.fromEntries(companions.map((name) => [name, marked()])) as Row['worksWith'],
    servedBy: 'not looked up',
    madeFor: [],
    budget: one(budgets),
    lossless: one(marks),
    reversible: one(marks),
    granularity: 'token',
    buildsOn: [],
    date: `${2019 + Math.floor(random() * 8)}`,
    founding: undefined,
    claim: undefined,
    lane: random() < 0.2 ? 'random' : undefined,
    figure: undefined,
  }));
  return { rows, prose: rows.map(() => text(450)) };
}

/** Milliseconds that each of `times` answers took: every facet, alone and with a search. */
function measure(n: number, times: number): number[] {
  const { rows, prose } = generate(n);
  const search = openIndex(
    buildIndex(
      rows.map(({ slug, name, idea }, i) => ({ slug, name, aliases: '', idea, people: '', prose: prose[i]! })),
    ),
  );
  return Array.from({ length: times }, (_, i) => {
    const key = facetKeys[i % facetKeys.length]!;
    const { values }: Facet = facets[key];
    const chosen: Chosen = { ...usualState, [key]: [values[i % values.length]!.id] };
    const start = performance.now();
    const found =
      i % 2 ? search(`${words[i % words.length]!.slice(0, 4)} ${words[(i * 7) % words.length]!}`) : undefined;
    sort(filter(rows, chosen, found).rows, i % 3 ? 'usual' : 'newest', found);
    return performance.now() - start;
  });
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;

if (import.meta.main) {
  // The first hundred warm the machine up.
  const taken = measure(1000, 500)
    .slice(100)
    .sort((a, b) => a - b);
  console.log(
    `1,000 entries, 400 answers: median ${quantile(taken, 0.5).toFixed(2)} ms, 95 % within ${quantile(taken, 0.95).toFixed(2)} ms, longest ${taken.at(-1)!.toFixed(2)} ms`,
  );
}
