import { paintOf, shows } from './colour.ts';
import { boxPath, type Box, type Mark, type Stroke } from './marks.ts';
import type { Frame } from './text.ts';

const within = ({ x, y, width, height }: Box, { left, top }: Frame): Box => ({
  x: x - left,
  y: y - top,
  width,
  height,
});

/** The background of an element, on each of its lines, and its borders. */
export function boxMarks(
  element: Element,
  style: CSSStyleDeclaration,
  frame: Frame,
  opacity: number,
  defs: string[],
): Mark[] {
  const outer = within(element.getBoundingClientRect(), frame);
  const lines = [...element.getClientRects()].map((rect) => within(rect, frame));
  return [
    ...(style.backgroundClip === 'text' ? [] : lines.flatMap((box) => backgroundMarks(box, style, opacity, defs))),
    ...(style.display === 'inline' ? lines : [outer]).flatMap((box) => borderMarks(box, style, frame.zoom, opacity)),
    ...insetMarks(outer, style, frame.zoom, opacity),
  ];
}

/** A second line within the border, which CSS writes as a shadow without blur. */
function insetMarks(box: Box, style: CSSStyleDeclaration, zoom: number, opacity: number): Mark[] {
  const [, colour, spread] = /^(.*\)) 0px 0px 0px ([\d.]+)px inset$/.exec(style.boxShadow) ?? [];
  if (!colour || !spread) return [];
  const width = Number(spread) * zoom;
  const [left, top] = [parseFloat(style.borderLeftWidth) * zoom, parseFloat(style.borderTopWidth) * zoom];
  const inner = {
    x: box.x + left + width / 2,
    y: box.y + top + width / 2,
    width: box.width - 2 * left - width,
    height: box.height - 2 * top - width,
  };
  const stroke: Stroke = { paint: paintOf(colour, opacity), width, dash: [], cap: 'butt', join: 'miter' };
  return [{ kind: 'path', d: boxPath(inner), stroke }];
}

/** What stands before or behind the content of an element, where it is a line or a box of its own. */
export function pseudoMarks(element: Element, which: '::before' | '::after', frame: Frame, opacity: number): Mark[] {
  const style = getComputedStyle(element, which);
  if (style.content === 'none' || style.position !== 'absolute') return [];
  const parent = within(element.getBoundingClientRect(), frame);
  const box = {
    x: parent.x + parseFloat(style.left) * frame.zoom,
    y: parent.y + parseFloat(style.top) * frame.zoom,
    width: parseFloat(style.width) * frame.zoom,
    height: parseFloat(style.height) * frame.zoom,
  };
  return borderMarks(box, style, frame.zoom, opacity);
}

function backgroundMarks(box: Box, style: CSSStyleDeclaration, opacity: number, defs: string[]): Mark[] {
  const fill = paintOf(style.backgroundColor, opacity);
  const marks: Mark[] = shows(fill) ? [{ kind: 'path', d: boxPath(box), fill }] : [];
  const stripes = stripesOf(style.backgroundImage, box, defs.length);
  if (!stripes) return marks;
  defs.push(stripes.def);
  return [...marks, { kind: 'path', d: boxPath(box), fill: { colour: `url(#${stripes.id})`, alpha: opacity } }];
}

/** Hatching that CSS writes as a gradient that repeats itself, as SVG writes it. */
function stripesOf(
  image: string,
  { x, y, width, height }: Box,
  number: number,
): { id: string; def: string } | undefined {
  const [, degrees, list] = /^repeating-linear-gradient\(([\d.]+)deg, (.*)\)$/.exec(image) ?? [];
  if (!degrees || !list) return undefined;
  const stops = [...list.matchAll(/((?:\w+\([^()]*(?:\([^()]*\)[^()]*)*\)|#\w+|\w+)) ([\d.]+)px/g)];
  const length = Number(stops.at(-1)?.[2]);
  if (!length) return undefined;
  const angle = (Number(degrees) * Math.PI) / 180;
  const [dx, dy] = [Math.sin(angle), -Math.cos(angle)];
  // CSS begins where the corner lies from which the line leaves the box.
  const reach = (Math.abs(width * dx) + Math.abs(height * dy)) / 2;
  const [x1, y1] = [x + width / 2 - reach * dx, y + height / 2 - reach * dy];
  const id = `hatch-${number}`;
  const body = stops.map(([, colour, at]) => {
    const { colour: hex, alpha } = paintOf(colour!);
    return `<stop offset="${Number(at) / length}" stop-color="${hex}" stop-opacity="${alpha}"/>`;
  });
  return {
    id,
    def: `<linearGradient id="${id}" gradientUnits="userSpaceOnUse" spreadMethod="repeat" x1="${x1}" y1="${y1}" x2="${x1 + length * dx}" y2="${y1 + length * dy}">${body.join('')}</linearGradient>`,
  };
}

const sides = ['Top', 'Right', 'Bottom', 'Left'] as const;

function borderMarks({ x, y, width, height }: Box, style: CSSStyleDeclaration, zoom: number, opacity: number): Mark[] {
  return sides.flatMap((side) => {
    const thick = (parseFloat(style[`border${side}Width`]) || 0) * zoom;
    const paint = paintOf(style[`border${side}Color`], opacity);
    if (!thick || !shows(paint)) return [];
    const across = side === 'Top' || side === 'Bottom';
    const line = (inset: number) => {
      if (side === 'Top') return `M${x} ${y + inset}h${width}`;
      if (side === 'Bottom') return `M${x} ${y + height - inset}h${width}`;
      return `M${side === 'Left' ? x + inset : x + width - inset} ${y}v${height}`;
    };
    const stroke = (wide: number, dash: number[] = []): Stroke => ({
      paint,
      width: wide,
      dash,
      cap: 'butt',
      join: 'miter',
    });
    const kind = style[`border${side}Style`];
    if (kind === 'double')
      return [thick / 6, (5 * thick) / 6].map((inset): Mark => ({
        kind: 'path',
        d: line(inset),
        stroke: stroke(thick / 3),
      }));
    return [
      { kind: 'path', d: line(thick / 2), stroke: stroke(thick, dashesOf(kind, thick, across ? width : height)) },
    ];
  });
}

/** As browsers draw them: as many dashes as fit, a dash at both ends. */
function dashesOf(kind: string, thick: number, length: number): number[] {
  if (kind !== 'dashed' && kind !== 'dotted') return [];
  const dash = kind === 'dotted' ? thick : thick * (thick < 3 ? 3 : 2);
  const gap = kind === 'dotted' ? thick : thick * (thick < 3 ? 2 : 1);
  const gaps = Math.max(1, Math.round((length - dash) / (dash + gap)));
  return [dash, Math.max(0.1, (length - dash * (gaps + 1)) / gaps)];
}
