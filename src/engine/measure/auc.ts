/** One answer, and a number that may foretell whether it is right. */
export interface Foretold {
  readonly value: number;
  readonly right: boolean;
}

/** The chance that a right answer has more of something than a wrong one, ties counting half: the area under the ROC curve. NaN where all are alike. */
export function auc(points: readonly Foretold[]): number {
  const sorted = [...points].sort((a, b) => a.value - b.value);
  let [rank, sum] = [0, 0];
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (end < sorted.length && sorted[end]!.value === sorted[i]!.value) end++;
    for (; i < end; i++) if (sorted[i]!.right) sum += (rank + end - 1) / 2 + 1;
    rank = end;
  }
  const right = points.filter((point) => point.right).length;
  const wrong = points.length - right;
  return right && wrong ? (sum - (right * (right + 1)) / 2) / (right * wrong) : NaN;
}
