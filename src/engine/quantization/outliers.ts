/** Rows [n][width], of which the vectors are the columns or the rows. */
export interface Vectors {
  readonly rows: Float32Array;
  readonly width: number;
  readonly along: 'columns' | 'rows';
}

export const vectorCount = ({ rows, width, along }: Vectors) => (along === 'columns' ? width : rows.length / width);

/** The vector of a number. */
export const vectorOf = ({ width, along }: Vectors, at: number) =>
  along === 'columns' ? at % width : Math.floor(at / width);

/**
 * The `count` numbers that lie furthest from the mean of their vector, in units of its standard deviation.
 * @returns [n * width], 1 where a number is one of them
 */
export function furthest(vectors: Vectors, count: number): Uint8Array {
  const { rows } = vectors;
  const mask = new Uint8Array(rows.length);
  if (!count) return mask;
  const off = deviations(vectors);
  const least = off.slice().sort()[off.length - count]!;
  let left = count;
  const take = (wanted: (deviation: number) => boolean) => {
    for (let i = 0; i < off.length && left; i++) if (wanted(off[i]!)) left -= mask[i] = 1;
  };
  take((deviation) => deviation > least);
  take((deviation) => deviation === least);
  return mask;
}

function deviations(vectors: Vectors): Float32Array {
  const { rows } = vectors;
  const size = vectorCount(vectors);
  const [sum, squares] = [new Float64Array(size), new Float64Array(size)];
  for (let i = 0; i < rows.length; i++) {
    const own = vectorOf(vectors, i);
    sum[own]! += rows[i]!;
    squares[own]! += rows[i]! * rows[i]!;
  }
  const length = rows.length / size;
  return rows.map((x, i) => {
    const own = vectorOf(vectors, i);
    const mean = sum[own]! / length;
    const variance = squares[own]! / length - mean * mean;
    return variance > 0 ? Math.abs(x - mean) / Math.sqrt(variance) : 0;
  });
}
