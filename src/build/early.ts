import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';
import { modelId, models } from '../state/models.ts';

/**
 * A script that starts the engine's worker and lets it fetch the model that the page's address names. A worker needs the page's main thread to come to
 * life, which is busy with layout and then with its own scripts from the moment when there is something to see: so this comes before all that.
 * @param worker the address of the worker's script @param base where the site stands, with a closing slash
 */
export const earlyScript = (worker: string, base: string): string => `{
  const named = new URLSearchParams(location.search).get('model');
  const model = ${JSON.stringify(Object.keys(models))}.includes(named) ? named : ${JSON.stringify(modelId)};
  self.earlyEngine = new Worker(${JSON.stringify(worker)}, { type: 'module' });
  self.earlyEngine.postMessage({ type: 'load', base: ${JSON.stringify(`${base}models/`)}, model });
}
`;

/** Writes that script beside the pages, once the worker's name is known. */
export function early(): AstroIntegration {
  let base = '/';
  return {
    name: 'early',
    hooks: {
      'astro:config:done': ({ config }) => {
        base = config.base.replace(/\/?$/, '/');
      },
      'astro:build:done': async ({ dir }) => {
        const root = fileURLToPath(dir);
        const worker = (await readdir(join(root, '_astro'))).find((name) => /^engine\.worker-.*\.js$/.test(name));
        if (!worker) throw new Error('The build holds no engine.worker.');
        await writeFile(join(root, 'early.js'), earlyScript(`${base}_astro/${worker}`, base));
      },
    },
  };
}
