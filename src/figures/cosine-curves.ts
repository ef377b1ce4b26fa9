/** A head's logits as paths: x is the distance from 1 on, y from 0 at the top to 100. */
export interface CosineCurves {
  /** A dot at each distance. */
  readonly means: string;
  readonly series: string;
  /** The area around the means in which single logits mostly lie. */
  readonly strays: string;
  /** The logits at the foot and at the top. */
  readonly low: string;
  readonly high: string;
}

export function curvesOf(means: readonly number[], series: readonly number[], strays: number): CosineCurves {
  const low = Math.min(...means.map((mean) => mean - strays), ...series);
  const high = Math.max(...means.map((mean) => mean + strays), ...series);
  const y = (logit: number) => ((100 * (high - logit)) / (high - low || 1)).toFixed(1);
  const points = (logits: readonly number[]) => logits.map((logit, i) => `${i + 1} ${y(logit)}`);
  const above = points(means.map((mean) => mean + strays));
  const below = points(means.map((mean) => mean - strays)).reverse();
  return {
    means: points(means)
      .map((point) => `M${point}h0.001`)
      .join(''),
    series: `M${points(series).join('L')}`,
    strays: `M${[...above, ...below].join('L')}Z`,
    low: low.toFixed(1),
    high: high.toFixed(1),
  };
}
