/**
 * The grouped-query reduction: query heads h*g .. h*g+g-1 share KV head h, and their scores are averaged.
 * @param perHead for each query head [width]
 * @returns for each KV head [width]
 */
export function groupMean(perHead: readonly Float64Array[], kvHeads: number): Float64Array[] {
  const group = perHead.length / kvHeads;
  return Array.from({ length: kvHeads }, (_, kvHead) => {
    const mean = new Float64Array(perHead[kvHead * group]!.length);
    for (const scores of perHead.slice(kvHead * group, (kvHead + 1) * group)) {
      for (let j = 0; j < mean.length; j++) mean[j]! += scores[j]! / group;
    }
    return mean;
  });
}
