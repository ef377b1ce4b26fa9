import type { Paint } from './marks.ts';

const known = new Map<string, Paint>();

/** A computed colour as the browser paints it. @param opacity of the elements around it */
export function paintOf(colour: string, opacity = 1): Paint {
  let paint = known.get(colour);
  if (!paint) known.set(colour, (paint = painted(colour)));
  return opacity < 1 ? { ...paint, alpha: paint.alpha * opacity } : paint;
}

/** Whether anything of a paint is seen. */
export const shows = ({ alpha }: Paint) => alpha > 0.003;

function painted(colour: string): Paint {
  if (colour === 'none' || colour === '') return { colour: '#000000', alpha: 0 };
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const context = canvas.getContext('2d')!;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return { colour: `#${[r!, g!, b!].map((part) => part.toString(16).padStart(2, '0')).join('')}`, alpha: a! / 255 };
}
