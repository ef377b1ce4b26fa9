/** Pictures of a figure as files. Asked for by a click only, so a page does not load it before. */
import { facesOf } from './fonts.ts';
import { pngOf } from './png.ts';
import { svgOf } from './svg.ts';
import { takePicture } from './take.ts';

export async function svgFile(root: HTMLElement, title: string): Promise<Blob> {
  return new Blob([await written(root, title)], { type: 'image/svg+xml' });
}

export async function pngFile(root: HTMLElement, title: string): Promise<Blob> {
  return pngOf(await written(root, title));
}

async function written(root: HTMLElement, title: string): Promise<string> {
  const picture = takePicture(root);
  return svgOf(picture, title, await facesOf(picture));
}
