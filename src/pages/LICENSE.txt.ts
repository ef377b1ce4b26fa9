import type { APIRoute } from 'astro';
import licence from '../../LICENSE?raw';

export const GET: APIRoute = () => new Response(licence);
