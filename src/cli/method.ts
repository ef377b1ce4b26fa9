/**
 * Starts a new entry of the catalog:
 *
 *     npm run method -- new "Name of the method"
 *
 * writes content/methods/<slug>.md with every field. The build and the tests refuse it until each TODO has become something true.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { slugOf, template } from '../catalog/template.ts';
import { main } from './fail.ts';

main('method', () => {
  const {
    positionals: [verb, name, ...rest],
    values,
  } = parseArgs({ allowPositionals: true, options: { folder: { type: 'string', default: 'content/methods' } } });
  if (verb !== 'new' || !name || rest.length) throw new Error('usage: npm run method -- new "Name of the method"');
  const slug = slugOf(name);
  if (!slug) throw new Error(`no address can be made of "${name}"; use some letters or digits.`);
  const file = join(values.folder, `${slug}.md`);
  if (existsSync(file))
    throw new Error(`${file} is there already; if it is another method, give the new one a longer name.`);
  writeFileSync(file, template(name, new Date().toISOString().slice(0, 10)));
  console.log(
    `${file}\nFill in every TODO; "npm run build" and "npm test" say what is still missing. /methods/contribute/ says how.`,
  );
});
