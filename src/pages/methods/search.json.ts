import type { APIRoute } from 'astro';
import { loadEntries } from '../../catalog/load.ts';
import { buildIndex, searchable } from '../../catalog/search.ts';

/** The index of the catalog's search. */
export const GET: APIRoute = async () =>
  new Response(buildIndex((await loadEntries()).map(({ id, data, body }) => searchable(id, data, body ?? ''))), {
    headers: { 'content-type': 'application/json' },
  });
