/** How the figure of tokens that skip layers draws who is held where. */

/** Layers of a token, as strokes of a strip that is one high. @param mask bit l: whether layer l holds it */
export function layersPath(mask: number, layers: number): string {
  let path = '';
  for (let from = 0; from < layers;) {
    const held = (mask >> from) & 1;
    let to = from + 1;
    while (to < layers && ((mask >> to) & 1) === held) to++;
    if (held) path += `M${from} 0.5h${to - from}`;
    from = to;
  }
  return path;
}

/** Whether some layer holds a token that a layer before it did not: the held ones are not simply the first few. */
export const cameBack = (mask: number): boolean => (mask & (mask + 1)) > 0;

/** How many layers hold a token. */
export function layersOf(mask: number): number {
  let count = 0;
  for (let rest = mask; rest; rest &= rest - 1) count++;
  return count;
}
