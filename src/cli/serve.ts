/**
 * Serves the built site on this machine, and nothing else:
 *
 *     npm run preview [-- --port 4321]
 *
 * The port is the first free one from the given one on. BASE must be what it was in the build. Texts are sent compressed, as a host would send them.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
};

const packed = new Map<string, Buffer>();

/** The file compressed, made once. A host has time for quality 11; whoever waits for this server has not. */
export function brotli(file: string, quality: number): Buffer {
  const key = `${quality} ${file} ${statSync(file).mtimeMs}`;
  const known =
    packed.get(key) ??
    brotliCompressSync(readFileSync(file), { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
  packed.set(key, known);
  return known;
}

/** The file in `root` that an address means; undefined where there is none, or where the address leads out of `root` or is no address. */
export function fileOf(root: string, address: string, base = '/'): string | undefined {
  try {
    const path = decodeURIComponent(new URL(address, 'http://localhost').pathname);
    if (!path.startsWith(base)) return undefined;
    const file = join(root, path.slice(base.length), path.endsWith('/') ? 'index.html' : '');
    return file.startsWith(root + sep) && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Sends the file that is asked for, the folder's page for a folder without its slash, or what stands where nothing is. */
function send(root: string, base: string, request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '/';
  const found = fileOf(root, url, base);
  const [path = '/', query] = url.split('?', 2);
  if (!found && fileOf(root, `${path}/`, base)) {
    response.writeHead(301, { location: `${path}/${query === undefined ? '' : `?${query}`}` }).end();
    return;
  }
  const file = found ?? join(root, '404.html');
  const type = types[extname(file)] ?? 'application/octet-stream';
  const squeeze =
    !type.startsWith('font') &&
    !type.startsWith('image/png') &&
    String(request.headers['accept-encoding']).includes('br');
  const body = squeeze ? brotli(file, 4) : readFileSync(file);
  response.writeHead(found ? 200 : 404, {
    'content-type': type,
    'content-length': body.length,
    ...(squeeze && { 'content-encoding': 'br' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Starts a server for the files in `root`; resolves when it listens on the first free port from `port` on (0: any). */
export function serve(root: string, port: number, base = '/'): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => send(root, base, request, response));
  return new Promise((done, fail) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') server.listen(++port, '127.0.0.1');
      else fail(error);
    });
    server.on('listening', () => {
      const bound = server.address();
      if (bound && typeof bound === 'object') done({ server, address: `http://127.0.0.1:${bound.port}${base}` });
    });
    server.listen(port, '127.0.0.1');
  });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '4321' } } });
  const root = resolve('dist');
  if (!existsSync(join(root, 'index.html'))) throw new Error('There is no built site in dist: npm run build makes it.');
  const { address } = await serve(root, Number(values.port), `/${process.env['BASE'] ?? ''}/`.replace(/\/+/g, '/'));
  console.log(`\n  Palimpsest is at ${address}\n`);
}
