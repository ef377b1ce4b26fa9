/**
 * Where fetching pays: right answers and bytes of several lanes over the length of the text, with a pool of one size near.
 *
 *     npm run --silent pays -- [--texts 20] [--seed 4300000] [--pool 64] [--out FILE]
 *
 * Prints JSON {model, weights_sha256, view: {seed, texts, pool}, rows}: rows as src/state/studies/pays.ts says. The figure of the same name opens with
 * public/data/pays.json, made without options; a reader's own seed runs the same in the tab.
 */
import { parseArgs } from 'node:util';
import { defaultsOf } from '../state/fields.ts';
import { fields, run, type PaysView } from '../state/studies/pays.ts';
import { integerOf, main, tell } from './fail.ts';
import { loadEngine, weightsHash } from './load.ts';

await main('pays', () => {
  const options = Object.fromEntries(
    (['texts', 'seed', 'pool'] as const).map((name) => [
      name,
      { type: 'string', default: String(fields[name].default) },
    ]),
  ) as Record<'texts' | 'seed' | 'pool', { type: 'string'; default: string }>;
  const { values } = parseArgs({ options: { ...options, out: { type: 'string' } } });
  const read = (name: keyof typeof options) => integerOf(name, values[name], fields[name].min, fields[name].max);
  const asked = { seed: read('seed'), texts: read('texts'), pool: read('pool') };
  const engine = loadEngine();
  const rows = [...run(engine, { ...defaultsOf<PaysView>(fields), ...asked })].at(-1)!;
  tell({ model: engine.model.id, weights_sha256: weightsHash(), view: asked, rows }, values.out);
});
