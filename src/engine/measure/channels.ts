/**
 * How far the largest channel of a head stands out: its rms over that of the median channel. Near 1 where all are alike.
 * @param rows [n][headDim]
 */
export function channelPeak(rows: Float32Array, headDim: number): number {
  const squares = new Float64Array(headDim);
  for (let i = 0; i < rows.length; i++) squares[i % headDim]! += rows[i]! * rows[i]!;
  const sizes = squares.map(Math.sqrt).sort();
  const middle = (sizes[(headDim - 1) >> 1]! + sizes[headDim >> 1]!) / 2;
  return middle > 0 ? sizes[headDim - 1]! / middle : 1;
}
