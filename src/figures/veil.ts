import { hidden } from './word-looks.ts';

/**
 * Words under a veil: the text has its full ink and does not change, and half-transparent paper over each word hides what it has lost. To change the class of
 * a word costs style, layout and paint; to paint over it costs a rectangle.
 */
export interface Tiles {
  /** [tiles] the word that a tile lies over, in the order of the text. */
  readonly word: Uint16Array;
  /** [tiles x 4] left, top, width and height, in pixels of the canvas. */
  readonly box: Int32Array;
}

/** Paints over the words whose level changed. Tiles do not overlap, so none of the others is touched. */
export function drawVeil(
  context: CanvasRenderingContext2D,
  { word, box }: Tiles,
  before: ArrayLike<number> | undefined,
  now: ArrayLike<number>,
  shades: readonly string[],
): void {
  const byLevel = Array.from({ length: shades.length }, (): number[] => []);
  for (let tile = 0; tile < word.length; tile++) {
    const level = now[word[tile]!]!;
    if (level === before?.[word[tile]!]) continue;
    if (before) over(context, box, tile, 'clearRect');
    if (shades[level]) byLevel[level]!.push(tile);
  }
  // Level by level, as to set a colour costs more than to fill with it.
  byLevel.forEach((tiles, level) => {
    if (tiles.length) context.fillStyle = shades[level]!;
    for (const tile of tiles) over(context, box, tile, 'fillRect');
  });
}

const over = (context: CanvasRenderingContext2D, box: Int32Array, tile: number, how: 'fillRect' | 'clearRect') => {
  context[how](box[4 * tile]!, box[4 * tile + 1]!, box[4 * tile + 2]!, box[4 * tile + 3]!);
};

type Colour = readonly [number, number, number];

/** How opaque paper must lie over full ink to look like a colour between the two. */
export function opacity(colour: Colour, ink: Colour, paper: Colour): number {
  const reach = ink.map((part, i) => part - paper[i]!);
  const left = colour.map((part, i) => part - paper[i]!);
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, part, i) => sum + part * b[i]!, 0);
  return 1 - dot(left, reach) / (dot(reach, reach) || 1);
}

/** [levels] the paint for each level, '' where nothing is to hide. The classes of ink say what it must look like, so that they stay the only ones to say it. */
export function shadesOf(): string[] {
  const probe = document.createElement('p');
  probe.hidden = true;
  probe.style.backgroundColor = 'var(--paper)';
  for (let level = 0; level < hidden; level++)
    probe.append(Object.assign(document.createElement('span'), { className: `ink-${level}` }));
  document.body.append(probe);
  const inks = [...probe.children].map((span) => getComputedStyle(span).color);
  const [paper, ...colours] = painted([getComputedStyle(probe).backgroundColor, ...inks]);
  probe.remove();
  const shade = (alpha: number) => (alpha > 0.002 ? `rgb(${paper!.join(' ')} / ${alpha.toFixed(4)})` : '');
  return [...colours.map((colour) => shade(opacity(colour, colours.at(-1)!, paper!))), shade(1), ''];
}

/** Computed colours as the screen shows them. */
function painted(colours: readonly string[]): Colour[] {
  const canvas = Object.assign(document.createElement('canvas'), { width: colours.length, height: 1 });
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  colours.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect(i, 0, 1, 1);
  });
  const { data } = context.getImageData(0, 0, colours.length, 1);
  return colours.map((_, i) => [data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!]);
}
