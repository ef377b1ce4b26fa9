/**
 * Cuts the fonts to what the first view of a page needs:
 *
 *     npm run fonts
 *
 * Writes src/styles/fonts/. Which characters a file has is read from its `unicode-range` in src/styles/fonts.css, so that the two cannot differ.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import subset from 'subset-font';
import { main } from './fail.ts';

const packages = new URL('../../node_modules/@fontsource-variable/', import.meta.url);
const styles = new URL('../styles/', import.meta.url);

/** Weights in use; the italic is only ever set at the size of text. */
const cuts = {
  'newsreader-roman': {
    from: 'newsreader/files/newsreader-latin-opsz-normal.woff2',
    variationAxes: { opsz: { min: 6, max: 72 }, wght: { min: 400, max: 600 } },
  },
  'newsreader-italic': {
    from: 'newsreader/files/newsreader-latin-opsz-italic.woff2',
    variationAxes: { opsz: 16, wght: { min: 400, max: 600 } },
  },
  'jetbrains-mono': {
    from: 'jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
    variationAxes: { wght: { min: 400, max: 700 } },
  },
} as const;

/** The characters of a `unicode-range`. */
export function charactersOf(range: string): string {
  return range
    .split(',')
    .flatMap((part) => {
      const [first = '', last = first] = part.trim().replace('U+', '').split('-');
      const [from, to] = [Number.parseInt(first, 16), Number.parseInt(last, 16)];
      return Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));
    })
    .join('');
}

/** The `unicode-range` of the face that reads a file. @throws Error when no face does */
export function rangeOf(css: string, file: string): string {
  const face = css.split('@font-face').find((rule) => rule.includes(`fonts/${file}.woff2`));
  const [, range] = /unicode-range:([^;]*);/.exec(face ?? '') ?? [];
  if (range === undefined) throw new Error(`No face in fonts.css reads ${file}.woff2 and says its characters.`);
  return range;
}

if (import.meta.main) {
  await main('fonts', async () => {
    const css = readFileSync(new URL('fonts.css', styles), 'utf8');
    mkdirSync(new URL('fonts/', styles), { recursive: true });
    for (const [file, { from, variationAxes }] of Object.entries(cuts)) {
      const whole = readFileSync(new URL(from, packages));
      const cut = await subset(whole, charactersOf(rangeOf(css, file)), { targetFormat: 'woff2', variationAxes });
      writeFileSync(new URL(`fonts/${file}.woff2`, styles), cut);
      console.log(`${file}.woff2: ${cut.length} of ${whole.length} bytes`);
    }
  });
}
