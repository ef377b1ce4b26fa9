import { listed } from '../catalog/words.ts';
import type { Load } from '../calculator/size.ts';
import { counted, said, sized } from '../calculator/units.ts';
import type { Sized } from '../state/calculator.svelte.ts';

/** "f16", or "q8_0 keys and q4_0 values". */
export const typesOf = ({ keys, values }: Pick<Load, 'keys' | 'values'>) =>
  keys === values ? keys : `${keys} keys and ${values} values`;

const further = (bytes: number) => (bytes < 1 ? 'nothing' : said(bytes));

/** The answer: what the first model keeps, and beside it the others. */
export function sizeSentence([first, ...others]: readonly Sized[], load: Load): string {
  const { model, size } = first!;
  const texts =
    load.sequences > 1
      ? `${counted(load.sequences)} sequences of ${counted(load.tokens)} tokens`
      : `${counted(load.tokens)} tokens`;
  const kept = load.keep < 1 ? `, of which layers that see all keep ${Math.round(100 * load.keep)} %` : '';
  const rest = others.map((other) => `${other.model.name} ${said(other.size.live)}`);
  return `${model.name} keeps ${said(size.live)} for ${texts} in ${typesOf(load)}${kept}; each further token takes ${further(size.further)}.${rest.length ? ` Beside it: ${listed(rest)}.` : ''}`;
}

/** Rows of the table that is saved: one for each part of each model. */
export const sizeRows = (chosen: readonly Sized[], load: Load) =>
  chosen.flatMap(({ model, size }) =>
    size.parts.map(({ part, tokenBytes, held, live, allocated }) => ({
      model: model.name,
      layers: part.layers,
      part: part.note,
      tokens: load.tokens,
      sequences: load.sequences,
      keys: load.keys,
      values: load.values,
      keep: load.keep,
      held_tokens: held,
      bytes_per_token: tokenBytes,
      bytes_live: live,
      bytes_allocated: allocated,
      kind: 'arithmetic',
      source: model.source ?? 'own config.json',
    })),
  );

/** The answer and its table, as Markdown. */
export function sizeMarkdown(chosen: readonly Sized[], load: Load, address: string): string {
  const rows = chosen.map(
    ({ model, size }) =>
      `| ${model.name} | ${further(size.further)} | ${sized(size.live)} | ${sized(size.allocated)} |`,
  );
  return [
    sizeSentence(chosen, load),
    '',
    `| model | each further token | all tokens | in blocks of ${load.block} |`,
    '|---|--:|--:|--:|',
    ...rows,
    '',
    `Arithmetic from each model's config.json: ${address}`,
    '',
  ].join('\n');
}
