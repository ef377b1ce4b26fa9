import { settle } from './resting.ts';

/**
 * Takes down what a part of the page looks like, as texts, shapes and lines with their places and resolved colours, so that any figure can be
 * saved as it stands. The browser has done the layout; nothing is laid out again.
 */
export interface Snapshot {
  readonly width: number;
  readonly height: number;
  readonly paper: string;
  readonly marks: readonly Mark[];
}

type Mark =
  | {
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly text: string;
      readonly font: string;
      readonly fill: string;
      readonly line: '' | 'underline' | 'line-through';
      readonly lineColour: string;
      /** Of open-face letters: the outline that stays when the body goes. 0 where there is none. */
      readonly strokeWidth: number;
      readonly stroke: string;
    }
  | {
      readonly kind: 'box';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly fill: string;
    }
  | {
      readonly kind: 'path';
      readonly d: string;
      readonly matrix: DOMMatrix;
      readonly fill: string;
      readonly stroke: string;
      readonly strokeWidth: number;
    };

const transparent = /^(transparent|rgba\(0, 0, 0, 0\)|none)$/;

/** Reads the rendered page below `root`. Elements marked data-unsaved (controls, menus) are passed over. */
export function takeSnapshot(root: HTMLElement): Snapshot {
  settle();
  const origin = root.getBoundingClientRect();
  const marks: Mark[] = [];
  walk(root, origin, marks);
  return {
    width: Math.ceil(origin.width),
    height: Math.ceil(origin.height),
    paper: getComputedStyle(document.body).backgroundColor,
    marks,
  };
}

function walk(element: Element, origin: DOMRect, marks: Mark[]): void {
  if (element instanceof HTMLElement && element.dataset['unsaved'] !== undefined) return;
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden') return;
  if (element instanceof SVGSVGElement) {
    shapes(element, origin, marks);
    return;
  }
  boxes(element, style, origin, marks);
  for (const child of element.childNodes) {
    if (child instanceof Text) texts(child, style, origin, marks);
    else if (child instanceof Element) walk(child, origin, marks);
  }
}

function boxes(element: Element, style: CSSStyleDeclaration, origin: DOMRect, marks: Mark[]): void {
  const clipped = style.backgroundClip === 'text';
  if (!clipped && !transparent.test(style.backgroundColor)) {
    for (const { x, y, width, height } of element.getClientRects())
      marks.push({ kind: 'box', x: x - origin.x, y: y - origin.y, width, height, fill: style.backgroundColor });
  }
  const { x, y, width, height } = element.getBoundingClientRect();
  const sides = [
    [style.borderTopWidth, style.borderTopColor, 0, 0, width, 0],
    [style.borderBottomWidth, style.borderBottomColor, 0, height, width, 0],
    [style.borderLeftWidth, style.borderLeftColor, 0, 0, 0, height],
    [style.borderRightWidth, style.borderRightColor, width, 0, 0, height],
  ] as const;
  for (const [thickness, fill, dx, dy, w, h] of sides) {
    const size = parseFloat(thickness);
    if (size > 0 && !transparent.test(fill))
      marks.push({
        kind: 'box',
        x: x - origin.x + dx,
        y: y - origin.y + dy,
        width: w || size,
        height: h || size,
        fill,
      });
  }
}

/** One mark for each line on which a text node stands. */
function texts(node: Text, style: CSSStyleDeclaration, origin: DOMRect, marks: Mark[]): void {
  if (!node.data.trim()) return;
  const font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const parent = node.parentElement!;
  const lined = parent.closest<HTMLElement>('.fact, .wrong');
  const decoration = lined ? getComputedStyle(lined) : style;
  const line = decoration.textDecorationLine.includes('line-through')
    ? 'line-through'
    : decoration.textDecorationLine.includes('underline')
      ? 'underline'
      : '';
  const range = document.createRange();
  let from = 0;
  const flush = (to: number) => {
    const text = node.data.slice(from, to);
    range.setStart(node, from);
    range.setEnd(node, to);
    const rect = range.getBoundingClientRect();
    if (text.trim() && rect.width) {
      const lead = text.length - text.trimStart().length && rect.width / text.length;
      marks.push({
        kind: 'text',
        x: rect.x - origin.x + lead,
        y: rect.y - origin.y + rect.height * 0.76,
        width: rect.width - lead,
        text: text.trim(),
        font,
        fill: style.webkitTextFillColor,
        line,
        lineColour: decoration.textDecorationColor,
        strokeWidth: parseFloat(style.webkitTextStrokeWidth) || 0,
        stroke: style.webkitTextStrokeColor,
      });
    }
    from = to;
  };
  if (node.data.length > 24) {
    let top: number | undefined;
    for (let i = 0; i < node.data.length; i++) {
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      const { y, width } = range.getBoundingClientRect();
      if (width && top !== undefined && Math.abs(y - top) > 2) flush(i);
      if (width) top = y;
    }
  }
  flush(node.data.length);
}

function shapes(svg: SVGSVGElement, origin: DOMRect, marks: Mark[]): void {
  for (const shape of svg.querySelectorAll<SVGGraphicsElement>('path, rect, line, circle, text')) {
    if (shape.closest('defs, pattern')) continue;
    const style = getComputedStyle(shape);
    const matrix = shape.getScreenCTM();
    if (!matrix) continue;
    const moved = new DOMMatrix([1, 0, 0, 1, -origin.x, -origin.y]).multiply(matrix);
    if (shape instanceof SVGTextElement) {
      const { x, y, width, height } = shape.getBoundingClientRect();
      const size = `${parseFloat(style.fontSize) * Math.hypot(matrix.a, matrix.b)}px`;
      if (width)
        marks.push({
          kind: 'text',
          x: x - origin.x,
          y: y - origin.y + height * 0.76,
          width,
          text: shape.textContent.trim(),
          font: `${style.fontStyle} ${style.fontWeight} ${size} ${style.fontFamily}`,
          fill: style.fill,
          line: '',
          lineColour: '',
          strokeWidth: 0,
          stroke: '',
        });
      continue;
    }
    const fill = style.fill.startsWith('url')
      ? getComputedStyle(svg.querySelector('pattern rect') ?? shape).fill
      : style.fill;
    const fixed = style.vectorEffect === 'non-scaling-stroke' ? 1 / Math.hypot(moved.a, moved.b) : 1;
    marks.push({
      kind: 'path',
      d: outline(shape),
      matrix: moved,
      fill: transparent.test(fill) ? '' : fill,
      stroke: transparent.test(style.stroke) ? '' : style.stroke,
      strokeWidth: parseFloat(style.strokeWidth) * fixed,
    });
  }
}

/** Any of the shapes that figures use, as path data. */
function outline(shape: SVGGraphicsElement): string {
  if (shape instanceof SVGRectElement) {
    const [x, y, width, height] = [shape.x, shape.y, shape.width, shape.height].map((length) => length.baseVal.value);
    return `M${x} ${y}h${width}v${height}h${-width!}z`;
  }
  if (shape instanceof SVGLineElement)
    return `M${shape.x1.baseVal.value} ${shape.y1.baseVal.value}L${shape.x2.baseVal.value} ${shape.y2.baseVal.value}`;
  if (shape instanceof SVGCircleElement) {
    const [x, y, r] = [shape.cx.baseVal.value, shape.cy.baseVal.value, shape.r.baseVal.value];
    return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
  return shape.getAttribute('d') ?? '';
}

const escape = (text: string) =>
  text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!);
const round = (value: number) => Math.round(value * 100) / 100;

const colours = new Map<string, { readonly hex: string; readonly alpha: number }>();

/** A computed colour as the browser paints it: other programs read no oklab. */
function srgb(colour: string): { readonly hex: string; readonly alpha: number } {
  let known = colours.get(colour);
  if (!known) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const context = canvas.getContext('2d')!;
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    const hex = `#${[r!, g!, b!].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    colours.set(colour, (known = { hex, alpha: a! / 255 }));
  }
  return known;
}

/** The attributes of a fill or stroke. */
function paint(kind: 'fill' | 'stroke', colour: string): string {
  const { hex, alpha } = srgb(colour);
  return `${kind}="${hex}"${alpha < 1 ? ` ${kind}-opacity="${round(alpha)}"` : ''}`;
}

export function toSvg({ width, height, paper, marks }: Snapshot, title: string, margin = 24): string {
  const body = marks.map((mark) => {
    if (mark.kind === 'box')
      return `<rect x="${round(mark.x)}" y="${round(mark.y)}" width="${round(mark.width)}" height="${round(mark.height)}" ${paint('fill', mark.fill)}/>`;
    if (mark.kind === 'path') {
      const { a, b, c, d, e, f } = mark.matrix;
      return `<path d="${mark.d}" transform="matrix(${[a, b, c, d, e, f].map((v) => Math.round(v * 1e4) / 1e4).join(' ')})" ${mark.fill ? paint('fill', mark.fill) : 'fill="none"'}${mark.stroke ? ` ${paint('stroke', mark.stroke)} stroke-width="${round(mark.strokeWidth)}"` : ''}/>`;
    }
    const decoration = mark.line
      ? ` text-decoration="${mark.line}" text-decoration-color="${srgb(mark.lineColour).hex}"`
      : '';
    const outlined = mark.strokeWidth
      ? ` ${paint('stroke', mark.stroke)} stroke-width="${round(mark.strokeWidth)}"`
      : '';
    return `<text x="${round(mark.x)}" y="${round(mark.y)}" textLength="${round(mark.width)}" lengthAdjust="spacingAndGlyphs" font="${escape(mark.font)}" style="font:${escape(mark.font)}" ${paint('fill', mark.fill)}${outlined}${decoration}>${escape(mark.text)}</text>`;
  });
  const [w, h] = [width + 2 * margin, height + 2 * margin];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="${-margin} ${-margin} ${w} ${h}"><title>${escape(title)}</title><rect x="${-margin}" y="${-margin}" width="${w}" height="${h}" ${paint('fill', paper)}/>${body.join('')}</svg>\n`;
}

/** Draws the same marks on a canvas, with the page's own fonts, at twice the size of the screen's pixels. */
export function toPng({ width, height, paper, marks }: Snapshot, margin = 24, scale = 2): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = (width + 2 * margin) * scale;
  canvas.height = (height + 2 * margin) * scale;
  const context = canvas.getContext('2d')!;
  context.fillStyle = paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const mark of marks) {
    context.setTransform(scale, 0, 0, scale, margin * scale, margin * scale);
    if (mark.kind === 'box') {
      context.fillStyle = mark.fill;
      context.fillRect(mark.x, mark.y, mark.width, mark.height);
    } else if (mark.kind === 'path') {
      const { a, b, c, d, e, f } = mark.matrix;
      context.transform(a, b, c, d, e, f);
      const path = new Path2D(mark.d);
      if (mark.fill) {
        context.fillStyle = mark.fill;
        context.fill(path);
      }
      if (mark.stroke) {
        context.strokeStyle = mark.stroke;
        context.lineWidth = mark.strokeWidth;
        context.stroke(path);
      }
    } else {
      context.font = mark.font;
      context.fillStyle = mark.fill;
      context.fillText(mark.text, mark.x, mark.y);
      if (mark.strokeWidth) {
        context.strokeStyle = mark.stroke;
        context.lineWidth = mark.strokeWidth;
        context.strokeText(mark.text, mark.x, mark.y);
      }
      if (mark.line) {
        context.fillStyle = mark.lineColour;
        context.fillRect(mark.x, mark.y + (mark.line === 'underline' ? 3 : -5), mark.width, 1.5);
      }
    }
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('This browser could not write the picture.'));
    });
  });
}
