import type { Frame, Timeline } from '../engine/timeline.ts';
import type { View } from '../state/view.ts';

/** Which of the heads (layer * kvHeads + kvHead) a view looks at. */
export function headsInView({ layer, head }: Pick<View, 'layer' | 'head'>, heads: number, kvHeads: number): number[] {
  const all = Array.from({ length: heads }, (_, i) => i);
  const seen = all.filter(
    (i) => (layer === 'all' || Math.floor(i / kvHeads) === layer) && (head === 'all' || i % kvHeads === head),
  );
  return seen.length ? seen : all;
}

export interface Ink {
  /** [positions] 0..16: the share of slots in view that hold the word. */
  readonly level: Uint8Array;
  /** [positions] 1 where most of what is held is encoded. */
  readonly low: Uint8Array;
}

/** The share of slots, in view, that still hold each word, in sixteenths; a word held anywhere never looks quite gone. */
export function inkOf(frame: Frame, { positions }: Pick<Timeline, 'positions'>, heads: readonly number[]): Ink {
  const held = new Uint16Array(positions);
  const encoded = new Uint16Array(positions);
  for (const head of heads) {
    let index = 0;
    for (let i = 0; i < frame.read; i++) {
      if (!frame.held[head * positions + i]) continue;
      held[i]!++;
      encoded[i]! += Number(index < frame.encodedKeys[head]!) + Number(index < frame.encodedValues[head]!);
      index++;
    }
  }
  return {
    level: Uint8Array.from(held, (count) => (count ? Math.max(1, Math.round((16 * count) / heads.length)) : 0)),
    low: Uint8Array.from(held, (count, i) => Number(count > 0 && encoded[i]! > count)),
  };
}

/** Where the five steps begin; what is looked at less than the first is left unmarked, or every full stop would be. */
const steps = [0.09, 0.14, 0.2, 0.28, 0.36];

/** [positions] 0..5: how hard the answer looked at each word, in five steps. */
export function attentionLevels({ attention }: Frame, positions: number): Uint8Array {
  const levels = new Uint8Array(positions);
  attention?.positions.forEach((position, i) => {
    const weight = attention.weights[i]!;
    levels[position] = steps.filter((step) => weight >= step).length;
  });
  return levels;
}
