import { paintOf, shows } from './colour.ts';
import { round, type Box, type Mark, type Paint, type Stroke } from './marks.ts';
import { movedPath, outlineOf } from './path-data.ts';
import { fontOf, type Frame } from './text.ts';

const drawn = 'path, rect, line, circle, ellipse, polyline, polygon, text';

/** What a drawing in the page shows. Its patterns are copied to `defs`. */
export function drawingMarks(svg: SVGSVGElement, frame: Frame, opacity: number, defs: string[]): Mark[] {
  const { x, y, width, height } = svg.getBoundingClientRect();
  const box = { x: x - frame.left, y: y - frame.top, width, height };
  const clip = getComputedStyle(svg).overflow === 'visible' ? undefined : box;
  return [...svg.querySelectorAll<SVGGraphicsElement>(drawn)]
    .filter((shape) => !shape.closest('defs, pattern, clipPath, mask'))
    .flatMap((shape) => shapeMarks(shape, frame, opacity, clip, defs));
}

function shapeMarks(
  shape: SVGGraphicsElement,
  frame: Frame,
  around: number,
  clip: Box | undefined,
  defs: string[],
): Mark[] {
  const style = getComputedStyle(shape);
  const screen = shape.getScreenCTM();
  if (!screen || style.display === 'none' || style.visibility === 'hidden') return [];
  const matrix = new DOMMatrix([1, 0, 0, 1, -frame.left, -frame.top]).multiply(screen);
  const opacity = around * opacityOf(shape);
  const fill = fillOf(shape, style, matrix, opacity * Number(style.fillOpacity), defs);
  const stretched = isStretched(matrix) && !stays(style);
  const scale = stays(style) ? frame.zoom : stretched ? 1 : Math.hypot(matrix.a, matrix.b);
  const stroke = strokeOf(style, scale, opacity * Number(style.strokeOpacity));
  if (!fill && !stroke) return [];
  if (shape instanceof SVGTextElement) return wordMarks(shape, style, matrix, { fill, stroke });
  const outline = outlineOf(shape);
  const moved = stroke && stretched ? undefined : movedPath(outline, matrix);
  const rest = {
    fill,
    stroke,
    evenOdd: style.fillRule === 'evenodd',
    clip: clipFor(shape, frame, clip),
  };
  if (!outline) return [];
  return [
    { kind: 'path', ...(moved === undefined ? { d: outline, matrix: matrixText(matrix) } : { d: moved }), ...rest },
  ];
}

/** Only what reaches beyond its drawing is cut: most do not, and programs that edit pictures like no clips. */
function clipFor(shape: SVGGraphicsElement, { left, top }: Frame, clip: Box | undefined): Box | undefined {
  if (!clip) return undefined;
  const { x, y, width, height } = shape.getBoundingClientRect();
  const inside =
    x - left >= clip.x - 1 &&
    y - top >= clip.y - 1 &&
    x - left + width <= clip.x + clip.width + 1 &&
    y - top + height <= clip.y + clip.height + 1;
  return inside ? undefined : clip;
}

/** Of a shape and of what it stands in, up to its drawing. */
function opacityOf(shape: Element): number {
  let opacity = 1;
  for (let at: Element | null = shape; at && !(at instanceof SVGSVGElement); at = at.parentElement)
    opacity *= Number(getComputedStyle(at).opacity);
  return opacity;
}

function fillOf(
  shape: Element,
  style: CSSStyleDeclaration,
  matrix: DOMMatrix,
  opacity: number,
  defs: string[],
): Paint | undefined {
  const [, name] = /^url\("?#(.*?)"?\)/.exec(style.fill) ?? [];
  if (shape instanceof SVGLineElement) return undefined;
  if (name === undefined) {
    const paint = paintOf(style.fill, opacity);
    return shows(paint) ? paint : undefined;
  }
  const pattern = shape.ownerDocument.getElementById(name);
  if (!(pattern instanceof SVGPatternElement)) return undefined;
  defs.push(patternOf(pattern, matrix, `pattern-${defs.length}`));
  return { colour: `url(#pattern-${defs.length - 1})`, alpha: opacity };
}

const matrixText = ({ a, b, c, d, e, f }: DOMMatrix) =>
  `matrix(${[a, b, c, d, e, f].map((value) => Math.round(value * 1e4) / 1e4).join(' ')})`;

/** A copy with its colours, for shapes that are moved by a matrix. */
function patternOf(pattern: SVGPatternElement, matrix: DOMMatrix, id: string): string {
  const own = pattern.patternTransform.baseVal.consolidate()?.matrix;
  const all = own ? matrix.multiply(new DOMMatrix([own.a, own.b, own.c, own.d, own.e, own.f])) : matrix;
  const body = [...pattern.querySelectorAll<SVGGraphicsElement>(drawn)].map((shape) => {
    const style = getComputedStyle(shape);
    const [fill, stroke] = [paintOf(style.fill), paintOf(style.stroke)];
    const lined = shows(stroke) ? ` stroke="${stroke.colour}" stroke-width="${parseFloat(style.strokeWidth)}"` : '';
    return `<path d="${outlineOf(shape)}" fill="${shows(fill) ? fill.colour : 'none'}"${lined}/>`;
  });
  const [width, height] = [pattern.width.baseVal.value, pattern.height.baseVal.value];
  return `<pattern id="${id}" width="${width}" height="${height}" patternUnits="userSpaceOnUse" patternTransform="${matrixText(all)}">${body.join('')}</pattern>`;
}

const stays = ({ vectorEffect }: CSSStyleDeclaration) => vectorEffect === 'non-scaling-stroke';

/** Whether a drawing is wider or higher than it was meant: then so are its lines, one way more than the other. */
const isStretched = ({ a, b, c, d }: DOMMatrix) => Math.abs(Math.hypot(a, b) / Math.hypot(c, d) - 1) > 0.01;

/** Widths and dashes grow with a drawing, unless they are told not to. @param scale by how much */
function strokeOf(style: CSSStyleDeclaration, scale: number, opacity: number): Stroke | undefined {
  const paint = paintOf(style.stroke, opacity);
  const width = parseFloat(style.strokeWidth) * scale;
  if (!shows(paint) || !width) return undefined;
  const dash =
    style.strokeDasharray === 'none'
      ? []
      : style.strokeDasharray.split(/[\s,]+/).map((part) => round(parseFloat(part) * scale));
  return { paint, width, dash, cap: style.strokeLinecap, join: style.strokeLinejoin };
}

/** One mark for each run of a text: a tspan may stand elsewhere, and look otherwise. */
function wordMarks(
  text: SVGTextElement,
  style: CSSStyleDeclaration,
  matrix: DOMMatrix,
  { fill, stroke }: { fill: Paint | undefined; stroke: Stroke | undefined },
): Mark[] {
  const parts = [...text.querySelectorAll('tspan')];
  const runs = parts.length ? parts : [text];
  let from = 0;
  return runs.flatMap((run): Mark[] => {
    const count = run.getNumberOfChars();
    const first = from;
    from += run === text ? 0 : count;
    const words = run.textContent.trim();
    if (!count || !words || !fill) return [];
    const { x, y } = text.getStartPositionOfChar(first);
    const start = new DOMPoint(x, y).matrixTransform(matrix);
    const own = run === text ? style : getComputedStyle(run);
    const scale = Math.hypot(matrix.a, matrix.b);
    const length = run === text ? text.getComputedTextLength() : run.getComputedTextLength();
    const turn = (Math.atan2(matrix.b, matrix.a) * 180) / Math.PI;
    return [
      {
        kind: 'text',
        x: start.x,
        y: start.y,
        width: length * scale,
        text: words,
        font: fontOf(own, scale),
        fill: run === text ? fill : { ...paintOf(own.fill), alpha: fill.alpha },
        stroke,
        halo: own.paintOrder.startsWith('stroke'),
        ...(Math.abs(turn) > 0.1 && { turn }),
      },
    ];
  });
}
