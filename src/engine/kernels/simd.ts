import { Heap } from './heap.ts';
import type { Kernels } from './types.ts';
import { wasm } from './simd.wasm.ts';

/** What simd.as.ts exports: the functions of `Kernels` with addresses in bytes. */
type Exports = {
  [K in 'linear' | 'rmsnorm' | 'swiglu' | 'add' | 'attend']: (...numbers: number[]) => void;
};

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of two globals that Node, pages and workers share, as the engine is checked without the types of any of them. */
declare const atob: (base64: string) => string;
declare const WebAssembly:
  | undefined
  | {
      validate(binary: Uint8Array): boolean;
      Memory: new (pages: { initial: number; maximum: number }) => Memory;
      Module: new (binary: Uint8Array) => object;
      Instance: new (module: object, imports: { env: { memory: object } }) => { readonly exports: unknown };
    };

const page = 65536;

/** @returns the kernels in WebAssembly, or undefined where it, its SIMD instructions or the memory for it are missing */
export function simd(): Kernels | undefined {
  try {
    const binary = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
    if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(binary)) return undefined;
    const memory = new WebAssembly.Memory({ initial: 1, maximum: page });
    // At less than 8 kB the module is compiled in about a millisecond, which needs no promise, not even in a page.
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
    return wrap(exports as Exports, memory);
  } catch {
    // A page may be forbidden to compile, or have no memory left for it: the plain twin takes over.
    return undefined;
  }
}

function wrap({ linear, rmsnorm, swiglu, add, attend }: Exports, memory: Memory): Kernels {
  const heap = new Heap((bytes) => {
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / page));
    return memory.buffer;
  });
  return {
    name: 'simd',
    heap,
    linear: (y, x, w, n, inDim, outDim) => linear(4 * y, 4 * x, 4 * w, n, inDim, outDim),
    rmsnorm: (y, x, weight, n, dim, eps) => rmsnorm(4 * y, 4 * x, 4 * weight, n, dim, eps),
    swiglu: (y, gate, up, length) => swiglu(4 * y, 4 * gate, 4 * up, length),
    add: (y, x, length) => add(4 * y, 4 * x, length),
    attend: (out, q, keys, values, rows, count, group, headDim, probs) =>
      attend(4 * out, 4 * q, 4 * keys, 4 * values, 4 * rows, count, group, headDim, 4 * probs),
  };
}
