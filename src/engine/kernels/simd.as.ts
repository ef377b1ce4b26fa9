/**
 * AssemblyScript, compiled by `build.ts` to the bytes in `simd.wasm.ts`. Arguments are addresses in bytes.
 *
 * Every dot product here, in whichever loop it is taken, adds up in one vector from the first element to the last, and then
 * folds its four lanes in one order. So a row comes out the same to the bit whether it is computed alone or among others:
 * feeding a prompt at once and feeding it token by token give the same numbers. For the same reason there is no fused
 * multiply-add, which relaxed SIMD would leave to the machine.
 */

const FLOAT: usize = 4;
const VECTOR: usize = 16;

export function linear(y: usize, x: usize, w: usize, n: i32, inDim: i32, outDim: i32): void {
  const xRow = <usize>inDim * FLOAT;
  const yRow = <usize>outDim * FLOAT;
  const pairs = n & ~1;
  if (pairs > 0) linearPairs(y, x, w, pairs, xRow, yRow);
  if (pairs < n) linearRow(y + <usize>pairs * yRow, x + <usize>pairs * xRow, w, xRow, yRow);
}

/** The weights are the outer loop, so that the four in use stay in the nearest cache while the rows of x stream past. */
function linearPairs(y: usize, x: usize, w: usize, n: i32, xRow: usize, yRow: usize): void {
  const tiled = yRow & ~(VECTOR - 1);
  for (let o: usize = 0; o < yRow; o += o < tiled ? VECTOR : FLOAT) {
    let xr = x;
    let yr = y + o;
    for (let row = 0; row < n; row += 2) {
      if (o < tiled) {
        tile(yr, yr + yRow, xr, xr + xRow, w, w + xRow, w + 2 * xRow, w + 3 * xRow, xRow);
      } else {
        f32.store(yr, dot(xr, w, xRow));
        f32.store(yr + yRow, dot(xr + xRow, w, xRow));
      }
      xr += 2 * xRow;
      yr += 2 * yRow;
    }
    w += o < tiled ? 4 * xRow : xRow;
  }
}

function linearRow(y: usize, x: usize, w: usize, xRow: usize, yRow: usize): void {
  const end = y + yRow;
  for (; y + 2 * VECTOR <= end; y += 2 * VECTOR) {
    strip(y, x, w, xRow);
    w += 8 * xRow;
  }
  for (; y < end; y += FLOAT) {
    f32.store(y, dot(x, w, xRow));
    w += xRow;
  }
}

/** Two vectors by four: six loads serve eight products, and eight sums in flight hide the latency of the additions. */
function tile(y0: usize, y1: usize, a0: usize, a1: usize, b0: usize, b1: usize, b2: usize, b3: usize, bytes: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s02 = f32x4.splat(0), s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0), s12 = f32x4.splat(0), s13 = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += VECTOR) {
    const u = v128.load(a0 + i);
    const v = v128.load(a1 + i);
    let b = v128.load(b0 + i);
    s00 = f32x4.add(s00, f32x4.mul(u, b));
    s10 = f32x4.add(s10, f32x4.mul(v, b));
    b = v128.load(b1 + i);
    s01 = f32x4.add(s01, f32x4.mul(u, b));
    s11 = f32x4.add(s11, f32x4.mul(v, b));
    b = v128.load(b2 + i);
    s02 = f32x4.add(s02, f32x4.mul(u, b));
    s12 = f32x4.add(s12, f32x4.mul(v, b));
    b = v128.load(b3 + i);
    s03 = f32x4.add(s03, f32x4.mul(u, b));
    s13 = f32x4.add(s13, f32x4.mul(v, b));
  }
  v128.store(y0, fold4(s00, s01, s02, s03));
  v128.store(y1, fold4(s10, s11, s12, s13));
}

/** One vector by eight that lie one after another. */
function strip(y: usize, a: usize, b: usize, bytes: usize): void {
  const b1 = b + bytes, b2 = b1 + bytes, b3 = b2 + bytes, b4 = b3 + bytes, b5 = b4 + bytes, b6 = b5 + bytes, b7 = b6 + bytes;
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0), s5 = f32x4.splat(0), s6 = f32x4.splat(0), s7 = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += VECTOR) {
    const u = v128.load(a + i);
    s0 = f32x4.add(s0, f32x4.mul(u, v128.load(b + i)));
    s1 = f32x4.add(s1, f32x4.mul(u, v128.load(b1 + i)));
    s2 = f32x4.add(s2, f32x4.mul(u, v128.load(b2 + i)));
    s3 = f32x4.add(s3, f32x4.mul(u, v128.load(b3 + i)));
    s4 = f32x4.add(s4, f32x4.mul(u, v128.load(b4 + i)));
    s5 = f32x4.add(s5, f32x4.mul(u, v128.load(b5 + i)));
    s6 = f32x4.add(s6, f32x4.mul(u, v128.load(b6 + i)));
    s7 = f32x4.add(s7, f32x4.mul(u, v128.load(b7 + i)));
  }
  v128.store(y, fold4(s0, s1, s2, s3));
  v128.store(y + VECTOR, fold4(s4, s5, s6, s7));
}

function dot(a: usize, b: usize, bytes: usize): f32 {
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += VECTOR) sum = f32x4.add(sum, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  return fold(sum);
}

/** The sum of the lanes, in the order that fold4 takes as well. */
@inline
function fold(a: v128): f32 {
  return (f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 2)) + (f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 3));
}

/** The four sums of the lanes of four vectors. */
@inline
function fold4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

export function rmsnorm(y: usize, x: usize, weight: usize, n: i32, dim: i32, eps: f32): void {
  const bytes = <usize>dim * FLOAT;
  for (let row = 0; row < n; row++) {
    const scale = f32x4.splat(<f32>1 / sqrt<f32>(dot(x, x, bytes) / <f32>dim + eps));
    for (let i: usize = 0; i < bytes; i += VECTOR) {
      v128.store(y + i, f32x4.mul(f32x4.mul(v128.load(x + i), scale), v128.load(weight + i)));
    }
    x += bytes;
    y += bytes;
  }
}

export function swiglu(y: usize, gate: usize, up: usize, length: i32): void {
  const bytes = <usize>length * FLOAT;
  for (let i: usize = 0; i < bytes; i += VECTOR) {
    const g = v128.load(gate + i);
    const silu = f32x4.div(g, f32x4.add(f32x4.splat(1), exp(f32x4.pmin(f32x4.neg(g), f32x4.splat(88)))));
    v128.store(y + i, f32x4.mul(silu, v128.load(up + i)));
  }
}

/**
 * e^x for x <= 88, within 2e-7 of its value, and 0 below -87.3, where the result would leave the normal floats. As in Cephes'
 * expf: x = k ln 2 + r with an integer k and |r| <= ln 2 / 2, a polynomial for e^r, and k added to the exponent.
 */
@inline
function exp(x: v128): v128 {
  // At 1.5 * 2^23 neighbouring floats are 1 apart: the sum is rounded to an integer, which its lowest bits hold.
  const magic = f32x4.splat(12582912);
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504088896341)), magic);
  const k = f32x4.sub(shifted, magic);
  // ln 2 in two parts, of which the first has few enough bits for k times it to be exact.
  const coarse = f32x4.sub(x, f32x4.mul(k, f32x4.splat(0.693359375)));
  const r = f32x4.add(coarse, f32x4.mul(k, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, f32x4.splat(1)));
  const scaled = i32x4.add(p, i32x4.shl(shifted, 23));
  return v128.andnot(scaled, f32x4.lt(x, f32x4.splat(-87.3)));
}

/** The query heads are taken two at a time, so that a key or value once loaded serves both; an odd last one pairs with itself. */
export function attend(
  out: usize, q: usize, keys: usize, values: usize, slots: usize, count: i32, group: i32, headDim: i32, probs: usize,
): void {
  const row = <usize>headDim * FLOAT;
  const line = <usize>count * FLOAT;
  const scale = <f32>1 / sqrt<f32>(<f32>headDim);
  for (let head = 0; head < group; head += 2) {
    const other: usize = head + 1 < group ? 1 : 0;
    score(probs, probs + other * line, q, q + other * row, keys, slots, line, row);
    softmax(probs, line, scale);
    if (other) softmax(probs + line, line, scale);
    blend(out, out + other * row, probs, probs + other * line, values, slots, line, row);
    probs += 2 * line;
    out += 2 * row;
    q += 2 * row;
  }
}

/** The dot products of two queries with the keys in the slots. */
function score(y0: usize, y1: usize, q0: usize, q1: usize, keys: usize, slots: usize, line: usize, row: usize): void {
  const tiled = line & ~(VECTOR - 1);
  for (let i: usize = 0; i < tiled; i += VECTOR) {
    const s = slots + i;
    tile(y0 + i, y1 + i, q0, q1, at(keys, s, row), at(keys, s + 4, row), at(keys, s + 8, row), at(keys, s + 12, row), row);
  }
  for (let i = tiled; i < line; i += FLOAT) {
    const key = at(keys, slots + i, row);
    f32.store(y0 + i, dot(q0, key, row));
    f32.store(y1 + i, dot(q1, key, row));
  }
}

/** The address of the row that a slot names. */
@inline
function at(rows: usize, slot: usize, row: usize): usize {
  return rows + <usize>load<i32>(slot) * row;
}

/** In place, over logits still to be multiplied by `scale`, which is positive. */
function softmax(line: usize, bytes: usize, scale: f32): void {
  const tail = line + (bytes & ~(VECTOR - 1));
  const end = line + bytes;
  const top = f32x4.splat(largest(line, tail, end));
  const factor = f32x4.splat(scale);
  let sums = f32x4.splat(0);
  for (let i = line; i < tail; i += VECTOR) {
    const e = exp(f32x4.mul(f32x4.sub(v128.load(i), top), factor));
    v128.store(i, e);
    sums = f32x4.add(sums, e);
  }
  let sum = fold(sums);
  for (let i = tail; i < end; i += FLOAT) {
    const e = f32x4.extract_lane(exp(f32x4.mul(f32x4.sub(v128.load32_splat(i), top), factor)), 0);
    f32.store(i, e);
    sum += e;
  }
  const share = f32x4.splat(<f32>1 / sum);
  for (let i = line; i < tail; i += VECTOR) v128.store(i, f32x4.mul(v128.load(i), share));
  for (let i = tail; i < end; i += FLOAT) f32.store(i, f32.load(i) / sum);
}

function largest(line: usize, tail: usize, end: usize): f32 {
  let tops = f32x4.splat(-Infinity);
  for (let i = line; i < tail; i += VECTOR) tops = f32x4.pmax(tops, v128.load(i));
  let top = max<f32>(
    max<f32>(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1)),
    max<f32>(f32x4.extract_lane(tops, 2), f32x4.extract_lane(tops, 3)),
  );
  for (let i = tail; i < end; i += FLOAT) top = max<f32>(top, f32.load(i));
  return top;
}

/** The values in the slots, weighted by p0 and by p1: sixteen columns at a time, whose sums fit the registers. */
function blend(y0: usize, y1: usize, p0: usize, p1: usize, values: usize, slots: usize, line: usize, row: usize): void {
  let column: usize = 0;
  for (; column + 4 * VECTOR <= row; column += 4 * VECTOR) {
    blend16(y0 + column, y1 + column, p0, p1, values + column, slots, line, row);
  }
  for (; column < row; column += VECTOR) {
    blend4(y0 + column, y1 + column, p0, p1, values + column, slots, line, row);
  }
}

function blend16(y0: usize, y1: usize, p0: usize, p1: usize, values: usize, slots: usize, line: usize, row: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s02 = f32x4.splat(0), s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0), s12 = f32x4.splat(0), s13 = f32x4.splat(0);
  for (let i: usize = 0; i < line; i += FLOAT) {
    const value = at(values, slots + i, row);
    const u = v128.load32_splat(p0 + i);
    const v = v128.load32_splat(p1 + i);
    let b = v128.load(value);
    s00 = f32x4.add(s00, f32x4.mul(u, b));
    s10 = f32x4.add(s10, f32x4.mul(v, b));
    b = v128.load(value, 16);
    s01 = f32x4.add(s01, f32x4.mul(u, b));
    s11 = f32x4.add(s11, f32x4.mul(v, b));
    b = v128.load(value, 32);
    s02 = f32x4.add(s02, f32x4.mul(u, b));
    s12 = f32x4.add(s12, f32x4.mul(v, b));
    b = v128.load(value, 48);
    s03 = f32x4.add(s03, f32x4.mul(u, b));
    s13 = f32x4.add(s13, f32x4.mul(v, b));
  }
  v128.store(y0, s00);
  v128.store(y0, s01, 16);
  v128.store(y0, s02, 32);
  v128.store(y0, s03, 48);
  v128.store(y1, s10);
  v128.store(y1, s11, 16);
  v128.store(y1, s12, 32);
  v128.store(y1, s13, 48);
}

function blend4(y0: usize, y1: usize, p0: usize, p1: usize, values: usize, slots: usize, line: usize, row: usize): void {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  for (let i: usize = 0; i < line; i += FLOAT) {
    const b = v128.load(at(values, slots + i, row));
    s0 = f32x4.add(s0, f32x4.mul(v128.load32_splat(p0 + i), b));
    s1 = f32x4.add(s1, f32x4.mul(v128.load32_splat(p1 + i), b));
  }
  v128.store(y0, s0);
  v128.store(y1, s1);
}
