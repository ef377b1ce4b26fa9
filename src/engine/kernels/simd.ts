import type { Kernels } from './types.ts';
import { wasm } from './simd.wasm.ts';

/** What simd.as.ts exports: the functions of `Kernels` with addresses in place of arrays. */
type Exports = {
  [K in 'linear' | 'rmsnorm' | 'swiglu' | 'attend']: (...numbers: number[]) => void;
};

/** What is used of two globals that Node, pages and workers share, as the engine is checked without the types of any of them. */
declare const atob: (base64: string) => string;
declare const WebAssembly:
  | undefined
  | {
      validate(binary: Uint8Array): boolean;
      Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
      Module: new (binary: Uint8Array) => object;
      Instance: new (module: object, imports: { env: { memory: object } }) => { readonly exports: unknown };
    };

const page = 65536;
const vector = 16;

/**
 * The kernels in WebAssembly, in a memory of their own that never grows, so that no view of it is ever detached.
 * @param bytes what all arrays together will take; each begins at a multiple of 16 bytes
 * @returns undefined where WebAssembly or its SIMD instructions are missing
 */
export function simd(bytes: number): Kernels | undefined {
  const binary = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(binary)) return undefined;
  const pages = Math.ceil(bytes / page);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  // At less than 5 kB the module is compiled in about a millisecond, which needs no promise, not even in a page.
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  return wrap(exports as Exports, memory.buffer);
}

function wrap({ linear, rmsnorm, swiglu, attend }: Exports, buffer: ArrayBuffer): Kernels {
  const allocate = bump(buffer.byteLength);
  const at = (view: Float32Array | Int32Array) => {
    if (view.buffer !== buffer) throw new Error('An array passed to the SIMD kernels lies outside their memory.');
    return view.byteOffset;
  };
  return {
    name: 'simd',
    floats: (length) => new Float32Array(buffer, allocate(4 * length), length),
    ints: (length) => new Int32Array(buffer, allocate(4 * length), length),
    linear: (y, x, w, n, inDim, outDim) => linear(at(y), at(x), at(w), n, inDim, outDim),
    rmsnorm: (y, x, weight, n, dim, eps) => rmsnorm(at(y), at(x), at(weight), n, dim, eps),
    swiglu: (y, gate, up, length) => swiglu(at(y), at(gate), at(up), length),
    attend: (out, q, keys, values, slots, count, group, headDim, probs) =>
      attend(at(out), at(q), at(keys), at(values), at(slots), count, group, headDim, at(probs)),
  };
}

/** Hands out `size` bytes from the front, in aligned pieces, and never takes any back. */
function bump(size: number): (bytes: number) => number {
  let used = 0;
  return (bytes) => {
    if (used + bytes > size) {
      throw new Error(`The kernels' memory is used up: ${bytes} more bytes wanted, ${size - used} of ${size} left.`);
    }
    const start = used;
    used += Math.ceil(bytes / vector) * vector;
    return start;
  };
}
