import type { APIRoute } from 'astro';
import { link } from '../components/link.ts';

/** Everything may be read. The figures alone, made for frames, say themselves that they should not be listed. */
export const GET: APIRoute = () => new Response(`User-agent: *\nAllow: ${link('/')}\n`);
