import { paintOf, shows } from './colour.ts';
import type { Box, Font, Mark, Stroke, TextMark } from './marks.ts';

/** Where a picture begins on the screen, and by how much CSS zoom enlarges it. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly zoom: number;
}

export function fontOf(style: CSSStyleDeclaration, zoom: number): Font {
  return {
    family: style.fontFamily,
    size: parseFloat(style.fontSize) * zoom,
    style: style.fontStyle,
    weight: style.fontWeight,
    spacing: (parseFloat(style.letterSpacing) || 0) * zoom,
    numeric: style.fontVariantNumeric,
  };
}

const ascents = new Map<string, number>();

/** Share of a text's box that lies above its baseline: the font says it. */
export function ascentOf({ style, weight, family }: Font): number {
  const font = `${style} ${weight} 100px ${family}`;
  let share = ascents.get(font);
  if (share === undefined) {
    const context = document.createElement('canvas').getContext('2d')!;
    context.font = font;
    const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = context.measureText('x');
    ascents.set(font, (share = above / (above + below)));
  }
  return share;
}

export function outlineOf(style: CSSStyleDeclaration, zoom: number, opacity: number): Stroke | undefined {
  const width = (parseFloat(style.webkitTextStrokeWidth) || 0) * zoom;
  const paint = paintOf(style.webkitTextStrokeColor, opacity);
  return width && shows(paint) ? { paint, width, dash: [], cap: 'butt', join: 'miter' } : undefined;
}

/** One mark for each line on which a text node stands. */
export function textMarks(node: Text, style: CSSStyleDeclaration, frame: Frame, opacity: number): Mark[] {
  const fill = paintOf(style.webkitTextFillColor, opacity);
  const stroke = outlineOf(style, frame.zoom, opacity);
  if (!node.data.trim() || (!shows(fill) && !stroke)) return [];
  const font = fontOf(style, frame.zoom);
  return linesOf(node).map(({ text, box }) => ({
    kind: 'text',
    ...startOf(box, font, style, frame),
    text: style.textTransform === 'uppercase' ? text.toUpperCase() : text,
    font,
    fill,
    stroke,
  }));
}

/** Where a line of text begins. Vertical lines are turned; figures have only those that are read upwards. */
function startOf(
  box: Box,
  font: Font,
  style: CSSStyleDeclaration,
  { left, top }: Frame,
): Pick<TextMark, 'x' | 'y' | 'width' | 'turn'> {
  const ascent = ascentOf(font);
  if (style.writingMode === 'horizontal-tb')
    return { x: box.x - left, y: box.y - top + ascent * box.height, width: box.width };
  return { x: box.x - left + ascent * box.width, y: box.y + box.height - top, width: box.height, turn: -90 };
}

/** The lines of a text node, without the spaces around them, and where each stands on the screen. */
function linesOf(node: Text): { text: string; box: DOMRect }[] {
  const range = document.createRange();
  const boxOf = (from: number, to: number) => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return range.getBoundingClientRect();
  };
  const lines: { text: string; box: DOMRect }[] = [];
  const add = (from: number, to: number) => {
    const text = node.data.slice(from, to);
    const start = from + text.length - text.trimStart().length;
    const box = boxOf(start, from + text.trimEnd().length);
    if (text.trim() && box.width) lines.push({ text: text.trim().replace(/\s+/g, ' '), box });
  };
  let from = 0;
  for (const at of breaksOf(node, boxOf)) {
    add(from, at);
    from = at;
  }
  add(from, node.data.length);
  return lines;
}

/** Where lines may begin anew within a text: a word that stands lower than the one before it. Whether a text has two lines at all is asked first. */
function breaksOf(node: Text, boxOf: (from: number, to: number) => DOMRect): number[] {
  const breaks: number[] = [];
  const range = document.createRange();
  range.selectNodeContents(node);
  if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size < 2) return breaks;
  let top: number | undefined;
  for (let i = 0; i < node.data.length; i++) {
    if (!node.data[i]!.trim()) continue;
    const box = boxOf(i, i + 1);
    if (!box.width) continue;
    if (top !== undefined && Math.abs(box.top - top) > 2) breaks.push(i);
    ({ top } = box);
  }
  return breaks;
}

/** Lines under and through the texts of an element that declares them, for each line it stands on. */
export function decorationMarks(element: Element, style: CSSStyleDeclaration, frame: Frame, opacity: number): Mark[] {
  const { textDecorationLine: line, textDecorationStyle: kind } = style;
  const paint = paintOf(style.textDecorationColor, opacity);
  if (line === 'none' || !shows(paint)) return [];
  const font = fontOf(style, frame.zoom);
  const width = (parseFloat(style.textDecorationThickness) || font.size / 16 / frame.zoom) * frame.zoom;
  const gap = parseFloat(style.textUnderlineOffset);
  const under = Number.isNaN(gap) ? font.size * 0.1 + width / 2 : gap * frame.zoom + width / 2;
  const dash = kind === 'dotted' ? [width, width] : kind === 'dashed' ? [2 * width, 2 * width] : [];
  const stroke: Stroke = { paint, width, dash, cap: 'butt', join: 'miter' };
  return [...element.getClientRects()].flatMap((box) => {
    const base = box.y - frame.top + ascentOf(font) * box.height;
    const heights = [
      ...(line.includes('underline') ? [base + under] : []),
      ...(line.includes('line-through') ? [base - 0.25 * font.size] : []),
    ];
    return heights.map((y): Mark => ({ kind: 'path', d: `M${box.x - frame.left} ${y}h${box.width}`, stroke }));
  });
}
