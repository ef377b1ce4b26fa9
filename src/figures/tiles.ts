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

/** What a veil reaches beyond the edges of the screen, in CSS pixels: so far a page may scroll before anybody can look after it. */
const beyond = 100;

/** Part of a paragraph, from top to bottom, in CSS pixels below its own top. */
export interface Strip {
  readonly top: number;
  readonly bottom: number;
}

/** What of a paragraph can be seen, or lies closer than `around` to the screen; of no height where nothing does. */
export function seenOf({ top, bottom, left, right }: DOMRect, around = 0): Strip {
  const beside = right < -around || left > innerWidth + around;
  const first = Math.max(0, -around - top);
  return { top: first, bottom: beside ? first : Math.max(first, Math.min(bottom, innerHeight + around) - top) };
}

/** A canvas that lies over a strip of a paragraph, pixel for pixel, with the tiles of the words from `first` up to `end`. */
export interface Lay extends Tiles {
  readonly strip: Strip;
  readonly first: number;
  readonly end: number;
  /** In device pixels. */
  readonly width: number;
  readonly height: number;
}

/** Lays tiles over what can be seen of a paragraph. Read in one go: the layout is worked out once. */
export function layTiles(paragraph: HTMLElement, words: readonly Element[]): Lay {
  const frame = paragraph.getBoundingClientRect();
  const strip = seenOf(frame, beyond);
  const { top, bottom } = strip;
  const ground = groundOf(paragraph, frame.left, frame.top + top);
  const first = firstOf(words, (rect) => rect.bottom > frame.top + top);
  const end = firstOf(words, (rect) => rect.top >= frame.top + bottom);
  const pixel = (length: number) => Math.ceil((length + 2 * margin) * ground.scale);
  return {
    ...tilesOf(words, first, end, ground),
    strip,
    first,
    end,
    width: pixel(frame.width),
    height: pixel(bottom - top),
  };
}

/** The first word of which something holds that holds of all behind it, as they stand in the order of their lines. */
function firstOf(words: readonly Element[], holds: (rect: DOMRect) => boolean): number {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(words[middle]!.getBoundingClientRect())) high = middle;
    else low = middle + 1;
  }
  return low;
}

function tilesOf(words: readonly Element[], first: number, end: number, ground: Ground): Tiles {
  const word: number[] = [];
  const box: number[] = [];
  const places = words
    .slice(first, end)
    .flatMap((element, i) => [...element.getClientRects()].map((rect) => ({ i: first + i, rect, element })));
  places.forEach(({ i, rect, element }, at) => {
    const left = rect.left - reach(places[at - 1]?.rect, rect);
    const right = rect.right + reach(rect, places[at + 1]?.rect);
    for (const [top, bottom] of bands(rect, ground, element.parentElement!.matches('.fact'))) {
      word.push(i);
      box.push(...pixels(left, top, right, bottom, ground));
    }
  });
  return { word: Uint16Array.from(word), box: Int32Array.from(box) };
}

/** @param left and top of the strip on the screen */
function groundOf(paragraph: HTMLElement, left: number, top: number): Ground {
  const style = getComputedStyle(paragraph);
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
