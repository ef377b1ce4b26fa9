import type { Address, Heap } from './heap.ts';

/**
 * The few loops in which all the time goes. Two implementations exist: `simd.ts` (AssemblyScript, WebAssembly SIMD) and
 * `plain.ts`, its twin in TypeScript, which is the reference and the fallback. Arrays are named by their address in `heap`.
 */
export interface Kernels {
  readonly name: 'simd' | 'plain';
  readonly heap: Heap;
  /** y[n][outDim] = x[n][inDim] · w[outDim][inDim]ᵀ, with w packed as panels.ts says. inDim is a multiple of 4. */
  linear(y: Address, x: Address, w: Address, n: number, inDim: number, outDim: number): void;
  /** y[n][dim] = x / sqrt(mean(x²) + eps) * weight[dim] (RMSNorm, arXiv 1910.07467, eq. 4). dim is a multiple of 4. */
  rmsnorm(y: Address, x: Address, weight: Address, n: number, dim: number, eps: number): void;
  /** y[length] = silu(gate) * up (SwiGLU, arXiv 2002.05202). length is a multiple of 4; y may be gate. */
  swiglu(y: Address, gate: Address, up: Address, length: number): void;
  /** y[length] += x. length is a multiple of 4. */
  add(y: Address, x: Address, length: number): void;
  /**
   * Softmax attention of the `group` query heads that share one KV head, over the rows that `rows` names.
   * @param out    [group][headDim]
   * @param q      [group][headDim], after RoPE
   * @param keys   where row 0 of the keys would begin; a row is headDim floats
   * @param values where row 0 of the values would begin
   * @param rows   [count] integers: row numbers, the same for keys and values, count >= 1
   * @param probs  [group][count], receives the attention probabilities
   * headDim is a multiple of 4. Logits are scaled by 1 / sqrt(headDim).
   */
  attend(
    out: Address,
    q: Address,
    keys: Address,
    values: Address,
    rows: Address,
    count: number,
    group: number,
    headDim: number,
    probs: Address,
  ): void;
}
