import { moved } from './resting.ts';
import { layTiles, margin } from './tiles.ts';
import { drawVeil, shadesOf, type Tiles } from './veil.ts';
import { classOf, sameButInk, veilOf } from './word-looks.ts';

/** So many words may change by their classes; more of them would cost a frame. */
const few = 24;

interface Veil extends Tiles {
  readonly context: CanvasRenderingContext2D;
  readonly shades: readonly string[];
  levels: Uint8Array | undefined;
}

/** Forced colours tell ink by classes alone. */
const mayVeil = () => !matchMedia('(forced-colors: active)').matches;

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
    const changed = before && this.#words.flatMap((_, i) => (looks[i] === before[i] ? [] : [i]));
    if (!changed || (!this.#veil && (changed.length <= few || !mayVeil()))) {
      this.#write(changed ?? this.#words.keys());
      return;
    }
    if (!changed.length) return;
    // Precision and washes are told by classes under the veil, too.
    this.#write(changed.filter((i) => !sameButInk(before![i]!, looks[i]!)));
    this.#draw((this.#veil ??= this.#raise()));
    moved(this.#rest);
  }

  #write(words: Iterable<number>): void {
    for (const i of words) {
      const name = classOf(this.#looks![i]!);
      if (this.#words[i]!.className !== name) this.#words[i]!.className = name;
    }
  }

  #raise(): Veil {
    const { word, box, width, height } = layTiles(this.node, this.#words);
    Object.assign(this.#canvas, { width, height });
    this.#canvas.style.width = `${width / devicePixelRatio}px`;
    this.#canvas.style.height = `${height / devicePixelRatio}px`;
    this.#canvas.style.margin = `${-margin}px`;
    this.node.classList.add('veiled');
    return { word, box, context: this.#canvas.getContext('2d')!, shades: shadesOf(), levels: undefined };
  }

  #draw(veil: Veil): void {
    const levels = Uint8Array.from(this.#looks!, veilOf);
    drawVeil(veil.context, veil, veil.levels, levels, veil.shades);
    veil.levels = levels;
  }

  readonly #rest = (): void => {
    this.#veil = undefined;
    this.#write(this.#words.keys());
    this.node.classList.remove('veiled');
    Object.assign(this.#canvas, { width: 0, height: 0 });
    this.#canvas.removeAttribute('style');
  };
}
