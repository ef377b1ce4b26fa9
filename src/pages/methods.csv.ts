import type { APIRoute } from 'astro';
import { loadEntries } from '../catalog/load.ts';
import { flat } from '../catalog/table.ts';
import { csv } from '../figures/data.ts';

export const GET: APIRoute = async () => new Response(csv((await loadEntries()).map(flat)));
