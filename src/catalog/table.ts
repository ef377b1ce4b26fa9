import { figureOf, laneOf, yearOf } from './rows.ts';
import { companions } from './values.ts';
import type { Entry } from './schema.ts';

const list = (values: readonly string[]) => values.join('; ');

/** An entry as one row of a table: lists are separated by semicolons, claims and sources are counted. */
export function flat({ id, data }: Entry): Record<string, string | number> {
  const marks = companions.flatMap((name) => [
    [`${name}`, data.worksWith[name].mark],
    [`${name}_derived`, data.worksWith[name].derived ? 'yes' : ''],
    [`${name}_why`, data.worksWith[name].why ?? ''],
  ]);
  return {
    slug: id,
    name: data.name,
    aliases: list(data.aliases),
    idea: data.idea,
    founding: data.founding ?? '',
    authors: list(data.authors),
    unsigned: data.unsigned ?? '',
    venue: data.venue,
    organisation: data.organisation ?? '',
    date: data.date ?? '',
    year: yearOf(data) ?? '',
    kind: data.kind,
    levers: list(data.levers),
    phases: list(data.phases),
    needs_attention: data.needs.attention,
    needs_queries: data.needs.queries,
    needs_training: data.needs.training,
    needs_second_model: data.needs.secondModel,
    ...(Object.fromEntries(marks) as Record<string, string>),
    served_by: typeof data.servedBy === 'string' ? data.servedBy : list(data.servedBy.map(({ server }) => server)),
    made_for: list(data.madeFor),
    budget: data.budget,
    lossless: data.lossless,
    reversible: data.reversible,
    granularity: data.granularity,
    claims: data.claims.length,
    runs_here: laneOf(data) ?? figureOf(data) ?? '',
    links: list(data.links.map(({ url }) => url)),
    builds_on: list(data.buildsOn),
    compared_with: list(data.comparedWith),
    confused_with: list(data.confusedWith),
    added: data.added,
  };
}
