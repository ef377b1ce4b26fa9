import {
  round,
  type Font,
  type Mark,
  type Paint,
  type PathMark,
  type Picture,
  type Stroke,
  type TextMark,
} from './marks.ts';

/** Paper around a picture, in CSS pixels. */
export const margin = 24;

const escape = (text: string) =>
  text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!);

const painted = (name: 'fill' | 'stroke', { colour, alpha }: Paint) =>
  ` ${name}="${colour}"${alpha < 1 ? ` ${name}-opacity="${round(alpha)}"` : ''}`;
const filled = (fill: Paint | undefined) => (fill ? painted('fill', fill) : ' fill="none"');

function stroked(stroke: Stroke | undefined): string {
  if (!stroke) return '';
  const { paint, width, dash, cap, join } = stroke;
  return `${painted('stroke', paint)} stroke-width="${round(width)}"${dash.length ? ` stroke-dasharray="${dash.map(round).join(' ')}"` : ''}${cap === 'butt' ? '' : ` stroke-linecap="${cap}"`}${join === 'miter' ? '' : ` stroke-linejoin="${join}"`}`;
}

/** Attributes that every program reads, and a style for what only browsers know. */
function fontAttributes({ family, size, style, weight, spacing, numeric }: Font): string {
  const attributes = `font-family="${escape(family).replaceAll('&quot;', "'")}" font-size="${round(size)}" font-weight="${weight}"`;
  const rest = `${style === 'normal' ? '' : ` font-style="${style}"`}${spacing ? ` letter-spacing="${round(spacing)}"` : ''}`;
  return `${attributes}${rest}${numeric === 'normal' ? '' : ` style="font-variant-numeric:${numeric}"`}`;
}

function textElement({ x, y, width, text, fill, stroke, halo, turn }: TextMark): string {
  const turned = turn ? ` transform="rotate(${round(turn)} ${round(x)} ${round(y)})"` : '';
  return `<text x="${round(x)}" y="${round(y)}" textLength="${round(width)}" lengthAdjust="spacingAndGlyphs"${filled(fill)}${stroked(stroke)}${halo ? ' paint-order="stroke"' : ''}${turned}>${escape(text)}</text>`;
}

function pathElement({ d, matrix, fill, stroke, evenOdd, clip }: PathMark, clips: Map<string, string>): string {
  let cut = '';
  if (clip) {
    const rect = `<rect x="${round(clip.x)}" y="${round(clip.y)}" width="${round(clip.width)}" height="${round(clip.height)}"/>`;
    if (!clips.has(rect)) clips.set(rect, `clip-${clips.size}`);
    cut = ` clip-path="url(#${clips.get(rect)!})"`;
  }
  const path = `<path d="${d}"${matrix ? ` transform="${matrix}"` : ''}${filled(fill)}${stroked(stroke)}${evenOdd ? ' fill-rule="evenodd"' : ''}`;
  // A clip would be moved with the path.
  return cut && matrix ? `<g${cut}>${path}/></g>` : `${path}${cut}/>`;
}

/** Texts that follow on each other in one font say it once. */
function body(marks: readonly Mark[], clips: Map<string, string>): string {
  let [written, font] = ['', ''];
  const close = () => (font ? '</g>' : '');
  for (const mark of marks) {
    const next = mark.kind === 'text' ? fontAttributes(mark.font) : '';
    if (next !== font) {
      written += close() + (next ? `<g ${next}>` : '');
      font = next;
    }
    written += mark.kind === 'text' ? textElement(mark) : pathElement(mark, clips);
  }
  return written + close();
}

/** @param faces CSS of the fonts, to stand inside @param title for those who do not see it */
export function svgOf({ width, height, paper, marks, defs }: Picture, title: string, faces: string): string {
  const [w, h] = [width + 2 * margin, height + 2 * margin];
  const clips = new Map<string, string>();
  const drawn = body(marks, clips);
  const cut = [...clips].map(([rect, id]) => `<clipPath id="${id}">${rect}</clipPath>`).join('');
  const style = faces ? `<style>${faces}</style>` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="${-margin} ${-margin} ${w} ${h}" xml:space="preserve"><title>${escape(title)}</title><defs>${style}${defs.join('')}${cut}</defs><rect x="${-margin}" y="${-margin}" width="${w}" height="${h}"${painted('fill', paper)}/>${drawn}</svg>\n`;
}
