import type { Picture, TextMark } from './marks.ts';

/** Whether a unicode-range has a character. */
function has(range: string, code: number): boolean {
  if (!range) return true;
  return range.split(',').some((part) => {
    const [first = '', last = first] = part.trim().replace(/^U\+/i, '').split('-');
    return code >= Number.parseInt(first, 16) && code <= Number.parseInt(last, 16);
  });
}

const unquoted = (name: string) => name.replace(/^["']|["']$/g, '').trim();
const familiesOf = ({ font }: TextMark) => font.family.split(',').map((name) => unquoted(name.trim()));

/** The faces that a picture's texts are set in, as CSS with the files inside. The site's files are cut to the characters of its texts already. */
export async function facesOf({ marks }: Picture): Promise<string> {
  const texts = marks.filter((mark) => mark.kind === 'text');
  const faces = [...document.styleSheets].flatMap((sheet) => facesIn(sheet.cssRules, sheet.href ?? location.href));
  const used = faces.filter(({ style, range }) =>
    texts.some(
      (mark) =>
        familiesOf(mark).includes(style.family) &&
        mark.font.style === style.slant &&
        [...mark.text].some((character) => has(range, character.codePointAt(0)!)),
    ),
  );
  const written = await Promise.all(
    used.map(async ({ style, range, file }) => {
      const data = await base64(file);
      return `@font-face{font-family:"${style.family}";font-style:${style.slant};font-weight:${style.weight};src:url(data:font/woff2;base64,${data}) format("woff2")${range ? `;unicode-range:${range}` : ''}}`;
    }),
  );
  return written.join('');
}

interface Face {
  readonly style: { readonly family: string; readonly slant: string; readonly weight: string };
  readonly range: string;
  readonly file: string;
}

/** The faces with a file; those that only measure what stands in for a font have none. */
function facesIn(rules: CSSRuleList, sheet: string): Face[] {
  return [...rules].flatMap((rule): Face[] => {
    if (rule instanceof CSSImportRule)
      return rule.styleSheet ? facesIn(rule.styleSheet.cssRules, rule.styleSheet.href ?? sheet) : [];
    if (rule instanceof CSSLayerBlockRule || rule instanceof CSSMediaRule) return facesIn(rule.cssRules, sheet);
    if (!(rule instanceof CSSFontFaceRule)) return [];
    const value = (name: string) => rule.style.getPropertyValue(name);
    const [, file] = /url\(["']?(.*?)["']?\)/.exec(value('src')) ?? [];
    if (file === undefined) return [];
    const style = {
      family: unquoted(value('font-family')),
      slant: value('font-style') || 'normal',
      weight: value('font-weight') || 'normal',
    };
    return [{ style, range: value('unicode-range'), file: new URL(file, sheet).href }];
  });
}

const files = new Map<string, Promise<string>>();

/** A file as base64, read once. */
function base64(file: string): Promise<string> {
  const known =
    files.get(file) ??
    fetch(file)
      .then((response) => response.arrayBuffer())
      .then((bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('')));
  files.set(file, known);
  return known;
}
