import type { Engine, Prepared } from '../engine.ts';
import { toldAt } from './told.ts';

/** Rows of the text that are looked at: every 16th, away from its beginning. */
const someRows = (length: number) =>
  Array.from({ length: 24 }, (_, i) => 64 + i * 16).filter((row) => row < length - 16);

/** Attention to <bos> of rows that ask for nothing, [layer][head]. */
export function restingShare(engine: Engine, { prefix }: Prepared): number[][] {
  const { heads, kvHeads, layers, headDim } = engine.model.config;
  const group = heads / kvHeads;
  const rows = someRows(prefix.cache.length);
  const paid = (layer: number, head: number, row: number) => {
    const kvHead = Math.floor(head / group);
    const query = prefix.queries.at(layer, row) + kvHead * group * headDim;
    const probs = engine.model.look(prefix.cache, layer * kvHeads + kvHead, query, row + 1);
    return engine.model.kernels.heap.f32[probs + (head % group) * (row + 1)]!;
  };
  return Array.from({ length: layers }, (_, layer) =>
    Array.from(
      { length: heads },
      (__, head) => rows.reduce((sum, row) => sum + paid(layer, head, row), 0) / rows.length,
    ),
  );
}

/** How far the row that chooses the answer spreads its attention, in nats: [layer], mean over KV heads. */
export function answerEntropy(engine: Engine, { full }: Prepared): number[] {
  const { kvHeads, layers } = engine.model.config;
  const { looks, length } = full.answers[0]![0]!.looked!;
  return Array.from({ length: layers }, (_, layer) => {
    let sum = 0;
    for (const p of looks.subarray(layer * kvHeads * length, (layer + 1) * kvHeads * length)) {
      if (p > 0) sum -= p * Math.log(p);
    }
    return sum / kvHeads;
  });
}

/** Of the attention of the row that chooses the answer, the share that each KV head pays to the answer's words where the text tells them: [layer][kvHead]. */
export function answerReads(engine: Engine, { prompt, full }: Prepared): number[][] {
  const { kvHeads, layers } = engine.model.config;
  const { looks, length } = full.answers[0]![0]!.looked!;
  const told = toldAt(prompt);
  const share = (head: number) => told.reduce((sum, word) => sum + looks[head * length + word]!, 0);
  return Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: kvHeads }, (__, kvHead) => share(layer * kvHeads + kvHead)),
  );
}

/** Length of the keys of the answer's words over that of all others, <bos> apart: [layer][kvHead]. */
export function keyNorms({ prompt, views }: Prepared): number[][] {
  const told = new Set(toldAt(prompt));
  return views.map((view) =>
    view.counts.map((count, kvHead) => {
      const keys = view.keys(kvHead);
      const sums = { told: 0, rest: 0 };
      for (let token = 1; token < count; token++) {
        const norm = Math.hypot(...keys.subarray(token * view.headDim, (token + 1) * view.headDim));
        sums[told.has(token) ? 'told' : 'rest'] += norm;
      }
      return sums.told / told.size / (sums.rest / (count - 1 - told.size));
    }),
  );
}
