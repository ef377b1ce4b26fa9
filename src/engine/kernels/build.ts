/** Compiles simd.as.ts to simd.wasm.ts. Run it after every change of the former: node src/engine/kernels/build.ts */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const source = 'simd.as.ts';
const flags = [
  // -O3 nests the additions to one sum in each other, where each waits for the last; in the order written they overlap.
  '-O2',
  '--noAssert',
  '--enable',
  'simd',
  '--runtime',
  'stub',
  '--use',
  'abort=',
  '--importMemory',
  '--noExportMemory',
];

/** The WebAssembly module that simd.as.ts gives. */
export async function compile(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([source, '--outFile', 'simd.wasm', ...flags], {
    readFile: (name) => (name === source ? readFileSync(here(source), 'utf8') : null),
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`${source} does not compile.\n${stderr.toString()}`, { cause: error });
  return binary;
}

/** The text of simd.wasm.ts for a module. */
export const render = (binary: Uint8Array) =>
  `/** Made by \`node src/engine/kernels/build.ts\` from ${source}; not to be edited. */\n` +
  `export const wasm = '${Buffer.from(binary).toString('base64')}';\n`;

if (import.meta.main) writeFileSync(here('simd.wasm.ts'), render(await compile()));
