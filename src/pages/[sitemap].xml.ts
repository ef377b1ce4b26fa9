/**
 * sitemap.xml, only when SITE was set in the build: a sitemap may hold nothing but absolute addresses of its own host, so without a host there is none.
 * A route that is not always there has to be a dynamic one.
 */
import type { APIRoute } from 'astro';
import { sitemap } from '../catalog/feed.ts';
import { loadEntries } from '../catalog/load.ts';
import { link } from '../components/link.ts';

export const getStaticPaths = () => (import.meta.env.SITE ? [{ params: { sitemap: 'sitemap' } }] : []);

/** Pages that stand for themselves: figures made for frames and the page of what is missing are not listed, nor parts of pages. */
const own = Object.keys(import.meta.glob('./**/*.{astro,mdx}'))
  .filter((file) => !/\[|\/_|\/figure\/|404/.test(file))
  .map(
    (file) =>
      `/${file
        .replace(/^\.\//, '')
        .replace(/(^|\/)index\.(astro|mdx)$/, '$1')
        .replace(/\.(astro|mdx)$/, '/')}` as const,
  );

export const GET: APIRoute = async ({ site }) => {
  const entries = (await loadEntries()).map(({ id }) => `/methods/${id}/` as const);
  return new Response(sitemap([...own, ...entries].sort().map((path) => new URL(link(path), site).href)));
};
