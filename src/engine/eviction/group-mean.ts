/**
 * The grouped-query reduction: query heads h*g .. h*g+g-1 share KV head h, and their scores are averaged.
 * @param perHead [heads * width]
 * @returns [kvHeads * width]
 */
export function groupMean(perHead: Float64Array, heads: number, kvHeads: number): Float64Array {
  const width = perHead.length / heads;
  const group = heads / kvHeads;
  const mean = new Float64Array(kvHeads * width);
  for (let head = 0; head < heads; head++) {
    const target = Math.floor(head / group) * width;
    for (let j = 0; j < width; j++) mean[target + j]! += perHead[head * width + j]! / group;
  }
  return mean;
}
