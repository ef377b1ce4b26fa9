import { moved, settle, settling } from './resting.ts';
import { layTiles, margin, seenOf, type Lay } from './tiles.ts';
import { drawVeil, shadesOf } from './veil.ts';
import { classOf, sameButInk, veilOf } from './word-looks.ts';

/** So many words may change by their classes; more of them would cost a frame. */
const few = 24;

interface Veil extends Lay {
  readonly context: CanvasRenderingContext2D;
  readonly shades: readonly string[];
  levels: Int32Array | undefined;
}

/** Forced colours tell ink by classes alone. */
const mayVeil = () => !settling() && !matchMedia('(forced-colors: active)').matches;

/**
 * The words of one paragraph on the page. At rest each has the classes that say how it looks. While a budget is dragged hundreds change with each frame: then
 * they lie under a veil, and get their classes when the drag has come to rest.
 */
export class PaintedWords {
  readonly node: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #words: readonly Element[];
  #looks: Int32Array | undefined;
  #veil: Veil | undefined;

  constructor(node: HTMLElement, canvas: HTMLCanvasElement) {
    this.node = node;
    this.#canvas = canvas;
    this.#words = [...node.children].flatMap((part) => [...part.children]);
  }

  /** @param looks of each word */
  show(looks: Int32Array): void {
    const before = this.#looks;
    this.#looks = looks;
    const changed = before && changes(before, looks);
    if (!changed || (!this.#veil && (changed.length <= few || !mayVeil()))) {
      this.#write(changed ?? this.#words.keys());
      return;
    }
    if (!changed.length) return;
    const veil = (this.#veil ??= this.#raise());
    // Precision and washes are told by classes under the veil, too.
    this.#write(changed.filter((i) => i >= veil.first && i < veil.end && !sameButInk(before![i]!, looks[i]!)));
    this.#draw(veil);
    moved(this.#rest);
  }

  #write(words: Iterable<number>): void {
    for (const i of words) {
      const name = classOf(this.#looks![i]!);
      if (this.#words[i]!.className !== name) this.#words[i]!.className = name;
    }
  }

  #raise(): Veil {
    const lay = layTiles(this.node, this.#words);
    const { width, height, strip } = lay;
    Object.assign(this.#canvas, { width, height });
    this.#canvas.style.width = `${width / devicePixelRatio}px`;
    this.#canvas.style.height = `${height / devicePixelRatio}px`;
    this.#canvas.style.margin = `${strip.top - margin}px 0 0 ${-margin}px`;
    this.node.classList.add('veiled');
    addEventListener('scroll', this.#scrolled, { capture: true, passive: true });
    return { ...lay, context: this.#canvas.getContext('2d')!, shades: shadesOf(), levels: undefined };
  }

  #draw(veil: Veil): void {
    const levels = this.#looks!.map(veilOf);
    drawVeil(veil.context, veil, veil.levels, levels, veil.shades);
    veil.levels = levels;
  }

  /** A veil that no longer covers what can be seen ends the movement. */
  readonly #scrolled = (): void => {
    const { top, bottom } = seenOf(this.node.getBoundingClientRect());
    const { strip } = this.#veil!;
    if (top < bottom && (top < strip.top || bottom > strip.bottom)) settle();
  };

  readonly #rest = (): void => {
    this.#veil = undefined;
    removeEventListener('scroll', this.#scrolled, { capture: true });
    this.#write(this.#words.keys());
    this.node.classList.remove('veiled');
    Object.assign(this.#canvas, { width: 0, height: 0 });
    this.#canvas.removeAttribute('style');
  };
}

/** The words that look otherwise than before. */
function changes(before: Int32Array, now: Int32Array): number[] {
  const changed: number[] = [];
  for (let i = 0; i < now.length; i++) if (now[i] !== before[i]) changed.push(i);
  return changed;
}
