import type { APIRoute } from 'astro';
import { loadEntries } from '../catalog/load.ts';
import { yearOf } from '../catalog/rows.ts';
import { link } from '../components/link.ts';

/** The whole catalog as data: the front matter of every entry. Fields are added, never renamed; `version` counts up if that must change. */
export const GET: APIRoute = async ({ site }) => {
  const address = (path: `/${string}`) => (site ? new URL(link(path), site).href : link(path));
  const methods = (await loadEntries()).map(({ id, data }) => ({
    slug: id,
    url: address(`/methods/${id}/`),
    ...data,
    year: yearOf(data),
  }));
  const about =
    'Claims are numbers that the named sources report in the named settings. None of them was measured by this site.';
  return new Response(
    `${JSON.stringify({ version: 2, licence: 'MIT', about, count: methods.length, methods }, null, 1)}\n`,
  );
};
