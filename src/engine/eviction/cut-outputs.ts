import type { LayerView } from './types.ts';

/** What the query heads of a group say together to one token: with all that is there, and with what a cut left. [group * headDim] */
export interface Outputs {
  readonly full: Float64Array;
  readonly cut: Float64Array;
}

/**
 * For each KV head and each token behind a text: what attention gives, before the output matrix, with the whole text and with some of its entries. What is
 * paid to the rest adds up to one again.
 * @param layer that holds all tokens @param text its tokens; those behind it all stay @param kept for each KV head the tokens of the text that stay
 */
export function cutOutputs(layer: LayerView, text: number, kept: readonly ArrayLike<number>[]): Outputs[][] {
  const rows = layer.attentionRows(text, layer.seq);
  const group = layer.heads / layer.kvHeads;
  return kept.map((entries, kvHead) => {
    const stays = new Uint8Array(layer.seq).fill(1, text);
    for (let i = 0; i < entries.length; i++) stays[entries[i]!] = 1;
    const values = layer.values(kvHead);
    const heads = rows.slice(kvHead * group, (kvHead + 1) * group);
    return Array.from({ length: layer.seq - text }, (_, t) => {
      const paid = heads.map((row) => row.subarray(t * layer.seq, (t + 1) * layer.seq));
      return {
        full: joined(paid.map((row) => outputOf(row, values))),
        cut: joined(
          paid.map((row) =>
            outputOf(
              row.map((share, j) => share * stays[j]!),
              values,
            ),
          ),
        ),
      };
    });
  });
}

const joined = (parts: readonly Float64Array[]) => Float64Array.from(parts.flatMap((part) => [...part]));

/** Values weighed by what was paid to them, where that is made to add up to one. @returns [headDim] */
function outputOf(paid: Float64Array, values: Float32Array): Float64Array {
  const headDim = values.length / paid.length;
  const output = new Float64Array(headDim);
  const total = paid.reduce((a, b) => a + b, 0);
  for (let j = 0; total > 0 && j < paid.length; j++) {
    const share = paid[j]! / total;
    if (share) for (let c = 0; c < headDim; c++) output[c]! += share * values[j * headDim + c]!;
  }
  return output;
}
