import { round } from './marks.ts';

/** Numbers that a command takes for one step. */
const takes: Readonly<Record<string, number>> = { m: 2, l: 2, h: 1, v: 1, c: 6, s: 4, q: 4, t: 2, z: 0 };

type Matrix = Pick<DOMMatrix, 'a' | 'b' | 'c' | 'd' | 'e' | 'f'>;

/**
 * Path data moved by a matrix, so that what is drawn along it keeps its width however the picture was stretched.
 * @returns undefined where it has arcs, which a stretched circle is not made of
 */
export function movedPath(data: string, { a, b, c, d, e, f }: Matrix): string | undefined {
  const tokens = data.match(/[a-zA-Z]|-?(?:\d*\.\d+|\d+\.?)(?:e[-+]?\d+)?/g) ?? [];
  const to = (x: number, y: number) => `${round(a * x + c * y + e)} ${round(b * x + d * y + f)}`;
  let [path, i, x, y, startX, startY, command] = ['', 0, 0, 0, 0, 0, ''];
  while (i < tokens.length) {
    if (/[a-zA-Z]/.test(tokens[i]!)) command = tokens[i++]!;
    const kind = command.toLowerCase();
    const count = takes[kind];
    if (count === undefined) return undefined;
    const relative = command === kind;
    const numbers = tokens.slice(i, i + count).map(Number);
    i += count;
    if (kind === 'z') {
      path += 'Z';
      [x, y] = [startX, startY];
      continue;
    }
    const points: string[] = [];
    if (kind === 'h') x = numbers[0]! + (relative ? x : 0);
    else if (kind === 'v') y = numbers[0]! + (relative ? y : 0);
    else {
      const [fromX, fromY] = relative ? [x, y] : [0, 0];
      for (let at = 0; at < count; at += 2) {
        [x, y] = [fromX + numbers[at]!, fromY + numbers[at + 1]!];
        points.push(to(x, y));
      }
    }
    const name = kind === 'h' || kind === 'v' ? 'L' : kind.toUpperCase();
    path += name + (points.length ? points.join(' ') : to(x, y));
    if (kind === 'm') [startX, startY, command] = [x, y, relative ? 'l' : 'L'];
  }
  return path;
}

/** Any of the shapes that figures use, as path data. A circle is four curves. */
export function outlineOf(shape: SVGGraphicsElement): string {
  const at = (length: SVGAnimatedLength) => length.baseVal.value;
  if (shape instanceof SVGRectElement)
    return `M${at(shape.x)} ${at(shape.y)}h${at(shape.width)}v${at(shape.height)}h${-at(shape.width)}z`;
  if (shape instanceof SVGLineElement) return `M${at(shape.x1)} ${at(shape.y1)}L${at(shape.x2)} ${at(shape.y2)}`;
  if (shape instanceof SVGCircleElement) return ellipse(at(shape.cx), at(shape.cy), at(shape.r), at(shape.r));
  if (shape instanceof SVGEllipseElement) return ellipse(at(shape.cx), at(shape.cy), at(shape.rx), at(shape.ry));
  const points = shape.getAttribute('points');
  if (points !== null) return `M${points}${shape instanceof SVGPolygonElement ? 'z' : ''}`;
  return shape.getAttribute('d') ?? '';
}

/** How far the handles of a quarter of a circle reach. */
const handle = 0.5523;

function ellipse(x: number, y: number, rx: number, ry: number): string {
  const [hx, hy] = [handle * rx, handle * ry];
  return `M${x - rx} ${y}C${x - rx} ${y - hy} ${x - hx} ${y - ry} ${x} ${y - ry}C${x + hx} ${y - ry} ${x + rx} ${y - hy} ${x + rx} ${y}C${x + rx} ${y + hy} ${x + hx} ${y + ry} ${x} ${y + ry}C${x - hx} ${y + ry} ${x - rx} ${y + hy} ${x - rx} ${y}Z`;
}
