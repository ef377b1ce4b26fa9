import { settle } from '../resting.ts';
import { boxMarks, pseudoMarks } from './boxes.ts';
import { paintOf } from './colour.ts';
import type { Mark, Picture } from './marks.ts';
import { drawingMarks } from './shapes.ts';
import { decorationMarks, textMarks, type Frame } from './text.ts';

/** The class of a figure while it is taken down: controls are gone, and what only a saved picture says is there. Nothing is painted meanwhile. */
const saving = 'saving';

/** Takes down what the page shows below `root`. The browser has done the layout; nothing is laid out again. */
export function takePicture(root: HTMLElement): Picture {
  settle();
  const figure = root.closest('.figure') ?? root;
  figure.classList.add(saving);
  try {
    const { left, top, width, height } = root.getBoundingClientRect();
    const frame = { left, top, zoom: root.currentCSSZoom ?? 1 };
    const [marks, defs]: [Mark[], string[]] = [[], []];
    walk(root, frame, 1, marks, defs);
    const paper = paintOf(getComputedStyle(document.documentElement).backgroundColor);
    return { width: Math.ceil(width), height: Math.ceil(height), paper, marks, defs };
  } finally {
    figure.classList.remove(saving);
  }
}

function walk(element: Element, frame: Frame, around: number, marks: Mark[], defs: string[]): void {
  const style = getComputedStyle(element);
  const opacity = around * Number(style.opacity);
  if (style.display === 'none' || opacity === 0 || element.classList.contains('visually-hidden')) return;
  if (element instanceof SVGSVGElement) {
    if (style.visibility !== 'hidden') marks.push(...drawingMarks(element, frame, opacity, defs));
    return;
  }
  const seen = style.visibility !== 'hidden';
  if (seen)
    marks.push(...boxMarks(element, style, frame, opacity, defs), ...pseudoMarks(element, '::before', frame, opacity));
  for (const child of element.childNodes) {
    if (child instanceof Text) marks.push(...(seen ? textMarks(child, style, frame, opacity) : []));
    else if (child instanceof Element) walk(child, frame, opacity, marks, defs);
  }
  if (seen)
    marks.push(...decorationMarks(element, style, frame, opacity), ...pseudoMarks(element, '::after', frame, opacity));
}
