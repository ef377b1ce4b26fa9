/** Outputs whose weights lie side by side. */
const panel = 8;

/** Words that a packed matrix takes: its last panel is whole, whatever is missing from it. */
export const panelWords = (outDim: number, inDim: number) => Math.ceil(outDim / panel) * panel * inDim;

/**
 * Where the weight w[o][i] of a packed matrix lies. Eight outputs form a panel: four inputs of the first, the same four of the second, and so on,
 * then the next four inputs. One token's product with a matrix then reads all of it from front to back, which memory delivers fastest.
 */
export const inPanels = (o: number, i: number, inDim: number) =>
  (o - (o % panel)) * inDim + (i - (i % 4)) * panel + (o % panel) * 4 + (i % 4);

/** Packs w[outDim][inDim] into `packed`. */
export function packPanels(packed: Float32Array, w: ArrayLike<number>, inDim: number): void {
  for (let at = 0; at < w.length; at++) packed[inPanels(Math.floor(at / inDim), at % inDim, inDim)] = w[at]!;
}

/** @returns w[outDim][inDim] as it was before it was packed */
export const unpackPanels = (packed: Float32Array, outDim: number, inDim: number): Float32Array =>
  new Float32Array(outDim * inDim).map((_, at) => packed[inPanels(Math.floor(at / inDim), at % inDim, inDim)]!);
