import type { Tiles } from './veil.ts';

/** Room around the text for what reaches out of it, in CSS pixels. */
export const margin = 2;

/** Where a tile may lie. */
interface Ground {
  /** Device pixels for one of CSS. */
  readonly scale: number;
  /** The first pixel of the canvas, in device pixels. */
  readonly left: number;
  readonly top: number;
  /** Height of a line. */
  readonly pitch: number;
  /** From the top of a word's box to the line under a fact, and to where that line ends. */
  readonly line: readonly [number, number];
}

/** The canvas that lies over a paragraph, pixel for pixel, and the tiles of its words. Read in one go: the layout is worked out once. */
export function layTiles(paragraph: HTMLElement, words: readonly Element[]): Tiles & { width: number; height: number } {
  const ground = groundOf(paragraph);
  const { width, height } = paragraph.getBoundingClientRect();
  const word: number[] = [];
  const box: number[] = [];
  const places = words.flatMap((element, i) => [...element.getClientRects()].map((rect) => ({ i, rect, element })));
  places.forEach(({ i, rect, element }, at) => {
    const left = rect.left - reach(places[at - 1]?.rect, rect);
    const right = rect.right + reach(rect, places[at + 1]?.rect);
    for (const [top, bottom] of bands(rect, ground, element.parentElement!.matches('.fact'))) {
      word.push(i);
      box.push(...pixels(left, top, right, bottom, ground));
    }
  });
  const pixel = (length: number) => Math.ceil((length + 2 * margin) * ground.scale);
  return { word: Uint16Array.from(word), box: Int32Array.from(box), width: pixel(width), height: pixel(height) };
}

function groundOf(paragraph: HTMLElement): Ground {
  const style = getComputedStyle(paragraph);
  const { left, top } = paragraph.getBoundingClientRect();
  const scale = devicePixelRatio;
  const context = document.createElement('canvas').getContext('2d')!;
  // Not style.font, which is empty where a part of it, such as the look of numbers, is not for the shorthand.
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const size = parseFloat(style.fontSize);
  const line = Math.round(context.measureText('x').fontBoundingBoxAscent) + 0.22 * size;
  return {
    scale,
    left: Math.round((left - margin) * scale),
    top: Math.round((top - margin) * scale),
    pitch: parseFloat(style.lineHeight) || 1.36 * size,
    line: [line - 0.5, line + 2],
  };
}

/** How far a tile may reach into the space between two words, as the arm of an f does. */
function reach(one: DOMRect | undefined, next: DOMRect | undefined): number {
  if (!one || !next || one.top !== next.top) return margin;
  return Math.max(0, Math.min(margin, (next.left - one.right) / 2));
}

/** A word's share of its line from top to bottom. The line under a fact keeps its ink, so there it is in two parts. */
function bands({ top, height }: DOMRect, { pitch, line }: Ground, fact: boolean): [number, number][] {
  const first = top + (height - pitch) / 2;
  const last = first + pitch;
  if (!fact) return [[first, last]];
  return [
    [first, top + line[0]],
    [top + line[1], last],
  ];
}

/** Whole pixels, so that two tiles meet without a seam. */
function pixels(left: number, top: number, right: number, bottom: number, ground: Ground): number[] {
  const round = (at: number, from: number) => Math.round(at * ground.scale) - from;
  const [x, y] = [round(left, ground.left), round(top, ground.top)];
  return [x, y, round(right, ground.left) - x, round(bottom, ground.top) - y];
}
