import type { APIRoute } from 'astro';
import { feed } from '../../catalog/feed.ts';
import { loadEntries } from '../../catalog/load.ts';
import { link } from '../../components/link.ts';

/** Additions as RSS. Its links are absolute when SITE was set in the build; else they start at the root, which readers resolve against the feed's own address. */
export const GET: APIRoute = async ({ site }) =>
  new Response(feed(await loadEntries(), (path) => (site ? new URL(link(path), site).href : link(path))));
