/**
 * What a part of the page looks like, as texts, boxes and paths with their places and colours: every figure can be written from it as a picture that
 * stands by itself. Lengths are CSS pixels from the picture's upper left corner.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly paper: Paint;
  readonly marks: readonly Mark[];
  /** Patterns and gradients that paints name, as SVG. */
  readonly defs: readonly string[];
}

/** A colour in sRGB, as other programs read no oklab, or the id of one of the picture's patterns. */
export interface Paint {
  readonly colour: string;
  readonly alpha: number;
}

export interface Font {
  readonly family: string;
  readonly size: number;
  readonly style: string;
  readonly weight: string;
  readonly spacing: number;
  /** Value of font-variant-numeric. */
  readonly numeric: string;
}

export interface Stroke {
  readonly paint: Paint;
  readonly width: number;
  /** Lengths of dashes and gaps; none where the line is whole. */
  readonly dash: readonly number[];
  readonly cap: string;
  readonly join: string;
}

export interface TextMark {
  readonly kind: 'text';
  /** Where its baseline begins. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly text: string;
  readonly font: Font;
  readonly fill: Paint;
  /** Outline of the letters. */
  readonly stroke?: Stroke | undefined;
  /** The outline lies under the letters, as a halo. */
  readonly halo?: boolean;
  /** Degrees that it is turned by around its beginning. */
  readonly turn?: number;
}

export interface PathMark {
  readonly kind: 'path';
  readonly d: string;
  /** Where the path is to be moved as it is drawn, with its lines: a transform as SVG writes it. */
  readonly matrix?: string;
  readonly fill?: Paint | undefined;
  readonly stroke?: Stroke | undefined;
  readonly evenOdd?: boolean;
  /** Rectangle outside of which nothing is seen. */
  readonly clip?: Box | undefined;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Mark = TextMark | PathMark;

export const boxPath = ({ x, y, width, height }: Box) =>
  `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;

export const round = (value: number) => Math.round(value * 100) / 100;
