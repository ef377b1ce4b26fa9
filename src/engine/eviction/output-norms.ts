import type { LayerView } from './types.ts';

type Sizes = Pick<LayerView, 'heads' | 'kvHeads' | 'headDim' | 'counts' | 'values'>;

/**
 * How much the value of an entry can move what a layer says (CriticalKV, arXiv 2502.03805).
 *
 *     N[h, j] = mean over the group of  || W_O[:, h'] V[h, j] ||_1        W_O[:, h']: the headDim columns of query head h'
 *
 * @param projection W_O, [hidden, heads * headDim]
 * @returns for each KV head [count]
 */
export function outputNorms(layer: Sizes, projection: Float32Array): Float64Array[] {
  const { heads, kvHeads, headDim, counts } = layer;
  const group = heads / kvHeads;
  return counts.map((count, kvHead) => {
    const rows = layer.values(kvHead);
    const norms = new Float64Array(count);
    for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
      const columns = columnsOf(projection, heads * headDim, head * headDim, headDim);
      for (let entry = 0; entry < count; entry++) {
        norms[entry]! += normOf(columns, rows, entry * headDim, headDim) / group;
      }
    }
    return norms;
  });
}

/** Some columns of a matrix whose rows are `width` long, row after row. */
function columnsOf(matrix: Float32Array, width: number, from: number, count: number): Float32Array {
  const columns = new Float32Array((matrix.length / width) * count);
  for (let row = 0; row * width < matrix.length; row++) {
    columns.set(matrix.subarray(row * width + from, row * width + from + count), row * count);
  }
  return columns;
}

/** The L1 norm of a matrix times a value. */
function normOf(matrix: Float32Array, values: Float32Array, start: number, length: number): number {
  let norm = 0;
  for (let at = 0; at < matrix.length; at += length) {
    let sum = 0;
    for (let c = 0; c < length; c++) sum += matrix[at + c]! * values[start + c]!;
    norm += Math.abs(sum);
  }
  return norm;
}
