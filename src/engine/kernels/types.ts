/**
 * The few loops in which all the time goes. Two implementations exist: `simd.ts` (AssemblyScript, WebAssembly SIMD) and
 * `plain.ts`, its twin in TypeScript, which is the reference and the fallback. Every array passed in must come from `floats`
 * or `ints` of the same object (or be a subarray of one).
 */
export interface Kernels {
  readonly name: 'simd' | 'plain';
  /** Zeroed memory that the kernels can reach. Never freed: allocate once, then reuse. Throws when the memory is used up. */
  floats(length: number): Float32Array;
  ints(length: number): Int32Array;
  /** y[n][outDim] = x[n][inDim] · w[outDim][inDim]ᵀ. inDim is a multiple of 4. */
  linear(y: Float32Array, x: Float32Array, w: Float32Array, n: number, inDim: number, outDim: number): void;
  /** y[n][dim] = x / sqrt(mean(x²) + eps) * weight[dim] (RMSNorm, arXiv 1910.07467, eq. 4). dim is a multiple of 4. */
  rmsnorm(y: Float32Array, x: Float32Array, weight: Float32Array, n: number, dim: number, eps: number): void;
  /** y[length] = silu(gate) * up (SwiGLU, arXiv 2002.05202). length is a multiple of 4; y may be gate. */
  swiglu(y: Float32Array, gate: Float32Array, up: Float32Array, length: number): void;
  /**
   * Softmax attention of the `group` query heads that share one KV head, over the rows that `slots` names.
   * @param out    [group][headDim]
   * @param q      [group][headDim], after RoPE
   * @param keys   [rows][headDim] of one layer and KV head
   * @param values [rows][headDim]
   * @param slots  [count], row indices into keys and values, count >= 1
   * @param probs  [group][count], receives the attention probabilities
   * headDim is a multiple of 4. Logits are scaled by 1 / sqrt(headDim).
   */
  attend(
    out: Float32Array,
    q: Float32Array,
    keys: Float32Array,
    values: Float32Array,
    slots: Int32Array,
    count: number,
    group: number,
    headDim: number,
    probs: Float32Array,
  ): void;
}
