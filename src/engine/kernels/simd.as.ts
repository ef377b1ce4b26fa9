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

/** Outputs of a panel of weights (see panels.ts), and from one vector of an output's weights to its next one. */
const PANEL: usize = 8;
const STEP: usize = PANEL * VECTOR;

export function linear(y: usize, x: usize, w: usize, n: i32, inDim: i32, outDim: i32): void {
  const xRow = <usize>inDim * FLOAT;
  const yRow = <usize>outDim * FLOAT;
  const pairs = n & ~1;
  if (pairs > 0) linearPairs(y, x, w, pairs, xRow, yRow);
  if (pairs < n) linearRow(y + <usize>pairs * yRow, x + <usize>pairs * xRow, w, xRow, yRow);
}

/** The weights are the outer loop, so that the panel in use stays in the nearest cache while the rows of x stream past. */
function linearPairs(y: usize, x: usize, w: usize, n: i32, xRow: usize, yRow: usize): void {
  for (let o: usize = 0; o < yRow; o += PANEL * FLOAT) {
    let xr = x;
    let yr = y + o;
    for (let row = 0; row < n; row += 2) {
      if (o + PANEL * FLOAT <= yRow) {
        tile(yr, yr + yRow, xr, xr + xRow, w, xRow);
        tile(yr + VECTOR, yr + VECTOR + yRow, xr, xr + xRow, w + 4 * VECTOR, xRow);
      } else {
        rest(yr, y + <usize>(row + 1) * yRow, xr, w, xRow);
        rest(yr + yRow, y + <usize>(row + 2) * yRow, xr + xRow, w, xRow);
      }
      xr += 2 * xRow;
      yr += 2 * yRow;
    }
    w += PANEL * xRow;
  }
}

/** One vector by eight at a time, whose weights are one stream through memory. */
function linearRow(y: usize, x: usize, w: usize, xRow: usize, yRow: usize): void {
  const end = y + yRow;
  for (; y + PANEL * FLOAT <= end; y += PANEL * FLOAT) {
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    let s4 = f32x4.splat(0), s5 = f32x4.splat(0), s6 = f32x4.splat(0), s7 = f32x4.splat(0);
    for (let i: usize = 0; i < xRow; i += VECTOR) {
      const u = v128.load(x + i);
      s0 = mac(s0, u, v128.load(w)); s1 = mac(s1, u, v128.load(w, 16));
      s2 = mac(s2, u, v128.load(w, 32)); s3 = mac(s3, u, v128.load(w, 48));
      s4 = mac(s4, u, v128.load(w, 64)); s5 = mac(s5, u, v128.load(w, 80));
      s6 = mac(s6, u, v128.load(w, 96)); s7 = mac(s7, u, v128.load(w, 112));
      w += STEP;
    }
    v128.store(y, fold4(s0, s1, s2, s3));
    v128.store(y + VECTOR, fold4(s4, s5, s6, s7));
  }
  rest(y, end, x, w, xRow);
}

/** Two vectors by half a panel: six loads serve eight products, and eight sums in flight hide the latency of the additions. */
function tile(y0: usize, y1: usize, a0: usize, a1: usize, w: usize, bytes: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s02 = f32x4.splat(0), s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0), s12 = f32x4.splat(0), s13 = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += VECTOR) {
    const u = v128.load(a0 + i);
    const v = v128.load(a1 + i);
    let b = v128.load(w);
    s00 = mac(s00, u, b);
    s10 = mac(s10, v, b);
    b = v128.load(w, 16);
    s01 = mac(s01, u, b);
    s11 = mac(s11, v, b);
    b = v128.load(w, 32);
    s02 = mac(s02, u, b);
    s12 = mac(s12, v, b);
    b = v128.load(w, 48);
    s03 = mac(s03, u, b);
    s13 = mac(s13, v, b);
    w += STEP;
  }
  v128.store(y0, fold4(s00, s01, s02, s03));
  v128.store(y1, fold4(s10, s11, s12, s13));
}

/** The outputs from y to `end`, fewer than a panel has. */
function rest(y: usize, end: usize, x: usize, w: usize, bytes: usize): void {
  for (; y < end; y += FLOAT) {
    let sum = f32x4.splat(0);
    for (let i: usize = 0; i < bytes; i += VECTOR) sum = mac(sum, v128.load(x + i), v128.load(w + i * PANEL));
    f32.store(y, fold(sum));
    w += VECTOR;
  }
}

function dot(a: usize, b: usize, bytes: usize): f32 {
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += VECTOR) sum = mac(sum, v128.load(a + i), v128.load(b + i));
  return fold(sum);
}

/** s + a b, rounded after each of the two. */
@inline
function mac(s: v128, a: v128, b: v128): v128 {
  return f32x4.add(s, f32x4.mul(a, b));
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
    const silu = f32x4.div(g, f32x4.add(ONE, exp2(f32x4.pmin(f32x4.mul(g, MINUS_LOG2_E), HIGHEST))));
    v128.store(y + i, f32x4.mul(silu, v128.load(up + i)));
  }
}

export function add(y: usize, x: usize, length: i32): void {
  const bytes = <usize>length * FLOAT;
  for (let i: usize = 0; i < bytes; i += VECTOR) v128.store(y + i, f32x4.add(v128.load(y + i), v128.load(x + i)));
}

/*
 * What exp2 computes with. V8 builds a constant vector anew wherever it is used, in three instructions, which in a loop cost more
 * than the arithmetic. Variables, which these are for that reason alone, cost one load.
 */
let LOWEST = f32x4.splat(-127);
let HIGHEST = f32x4.splat(127);
let MINUS_LOG2_E = f32x4.splat(-1.44269504088896341);
// At 1.5 * 2^23 neighbouring floats are 1 apart: a sum with it is rounded to an integer, which its lowest bits hold.
let MAGIC = f32x4.splat(12582912);
let ONE = f32x4.splat(1);
let C1 = f32x4.splat(0.6931469775987166);
let C2 = f32x4.splat(0.2402224208463507);
let C3 = f32x4.splat(0.055507337435742536);
let C4 = f32x4.splat(0.009671512688150752);
let C5 = f32x4.splat(0.0013264727247078037);

/**
 * 2^x for x <= 127, within 2e-7 of its value; 0 from -127 down, and something below the normal floats from there to -126.
 * x = k + r with an integer k and |r| <= 1/2; the polynomial of least relative error that is 1 at 0 gives 2^r, and k is added to
 * the exponent.
 */
@inline
function exp2(x: v128): v128 {
  const y = f32x4.pmax(x, LOWEST);
  const shifted = f32x4.add(y, MAGIC);
  const r = f32x4.sub(y, f32x4.sub(shifted, MAGIC));
  return i32x4.add(mac(ONE, r, mac(C1, r, mac(C2, r, mac(C3, r, mac(C4, r, C5))))), i32x4.shl(shifted, 23));
}

/** The query heads are taken two at a time, so that a key or value once loaded serves both; an odd last one pairs with itself. */
export function attend(
  out: usize, q: usize, keys: usize, values: usize, slots: usize, count: i32, group: i32, headDim: i32, probs: usize,
): void {
  const row = <usize>headDim * FLOAT;
  const line = <usize>count * FLOAT;
  const factor = scale(headDim);
  for (let head = 0; head < group; head += 2) {
    const other: usize = head + 1 < group ? 1 : 0;
    const tops = score(probs, probs + other * line, q, q + other * row, keys, slots, line, row);
    softmax(probs, line, v128.shuffle<f32>(tops, tops, 0, 0, 0, 0), factor);
    if (other) softmax(probs + line, line, v128.shuffle<f32>(tops, tops, 1, 1, 1, 1), factor);
    blend(out, out + other * row, probs, probs + other * line, values, slots, line, row);
    probs += 2 * line;
    out += 2 * row;
    q += 2 * row;
  }
}

/** What a logit is multiplied by to become the exponent of 2. */
@inline
function scale(headDim: i32): v128 {
  return f32x4.splat(<f32>1.44269504088896341 / sqrt<f32>(<f32>headDim));
}

/**
 * The dot products of two queries with the keys in the slots, four slots at a time. The last four overlap those before where the
 * count is no multiple of four: what is computed twice comes out the same.
 * @returns the largest of the first query in lane 0, of the second in lane 1
 */
function score(y0: usize, y1: usize, q0: usize, q1: usize, keys: usize, slots: usize, line: usize, row: usize): v128 {
  let tops0 = f32x4.splat(-Infinity), tops1 = tops0;
  if (line < VECTOR) {
    for (let i: usize = 0; i < line; i += FLOAT) {
      const key = at(keys, slots + i, row);
      const s0 = dot(q0, key, row), s1 = dot(q1, key, row);
      f32.store(y0 + i, s0);
      f32.store(y1 + i, s1);
      tops0 = f32x4.pmax(tops0, f32x4.splat(s0));
      tops1 = f32x4.pmax(tops1, f32x4.splat(s1));
    }
  } else {
    const last = line - VECTOR;
    for (let i: usize = 0; ; i = min<usize>(i + VECTOR, last)) {
      const s = slots + i;
      const k0 = at(keys, s, row), k1 = at(keys, s + 4, row), k2 = at(keys, s + 8, row), k3 = at(keys, s + 12, row);
      let u = v128.load(q0), v = v128.load(q1), b = v128.load(k0);
      let s00 = f32x4.mul(u, b), s10 = f32x4.mul(v, b);
      b = v128.load(k1);
      let s01 = f32x4.mul(u, b), s11 = f32x4.mul(v, b);
      b = v128.load(k2);
      let s02 = f32x4.mul(u, b), s12 = f32x4.mul(v, b);
      b = v128.load(k3);
      let s03 = f32x4.mul(u, b), s13 = f32x4.mul(v, b);
      let c = VECTOR;
      // 32 columns written out, as the instructions of a loop would take a tenth of the time.
      if (row >= 8 * VECTOR) {
        u = v128.load(q0, 16); v = v128.load(q1, 16);
        b = v128.load(k0, 16); s00 = mac(s00, u, b); s10 = mac(s10, v, b);
        b = v128.load(k1, 16); s01 = mac(s01, u, b); s11 = mac(s11, v, b);
        b = v128.load(k2, 16); s02 = mac(s02, u, b); s12 = mac(s12, v, b);
        b = v128.load(k3, 16); s03 = mac(s03, u, b); s13 = mac(s13, v, b);
        u = v128.load(q0, 32); v = v128.load(q1, 32);
        b = v128.load(k0, 32); s00 = mac(s00, u, b); s10 = mac(s10, v, b);
        b = v128.load(k1, 32); s01 = mac(s01, u, b); s11 = mac(s11, v, b);
        b = v128.load(k2, 32); s02 = mac(s02, u, b); s12 = mac(s12, v, b);
        b = v128.load(k3, 32); s03 = mac(s03, u, b); s13 = mac(s13, v, b);
        u = v128.load(q0, 48); v = v128.load(q1, 48);
        b = v128.load(k0, 48); s00 = mac(s00, u, b); s10 = mac(s10, v, b);
        b = v128.load(k1, 48); s01 = mac(s01, u, b); s11 = mac(s11, v, b);
        b = v128.load(k2, 48); s02 = mac(s02, u, b); s12 = mac(s12, v, b);
        b = v128.load(k3, 48); s03 = mac(s03, u, b); s13 = mac(s13, v, b);
        u = v128.load(q0, 64); v = v128.load(q1, 64);
        b = v128.load(k0, 64); s00 = mac(s00, u, b); s10 = mac(s10, v, b);
        b = v128.load(k1, 64); s01 = mac(s01, u, b); s11 = mac(s11, v, b);
        b = v128.load(k2, 64); s02 = mac(s02, u, b); s12 = mac(s12, v, b);
        b = v128.load(k3, 64); s03 = mac(s03, u, b); s13 = mac(s13, v, b);
        u = v128.load(q0, 80); v = v128.load(q1, 80);
        b = v128.load(k0, 80); s00 = mac(s00, u, b); s10 = mac(s10, v, b);
        b = v128.load(k1, 80); s01 = mac(s01, u, b); s11 = mac(s11, v, b);
        b = v128.load(k2, 80); s02 = mac(s02, u, b); s12 = mac(s12, v, b);
        b = v128.load(k3, 80); s03 = mac(s03, u, b); s13 = mac(s13, v, b);
        u = v128.load(q0, 96); v = v128.load(q1, 96);
        b = v128.load(k0, 96); s00 = mac(s00, u, b); s10 = mac(s10, v, b);
        b = v128.load(k1, 96); s01 = mac(s01, u, b); s11 = mac(s11, v, b);
        b = v128.load(k2, 96); s02 = mac(s02, u, b); s12 = mac(s12, v, b);
        b = v128.load(k3, 96); s03 = mac(s03, u, b); s13 = mac(s13, v, b);
        u = v128.load(q0, 112); v = v128.load(q1, 112);
        b = v128.load(k0, 112); s00 = mac(s00, u, b); s10 = mac(s10, v, b);
        b = v128.load(k1, 112); s01 = mac(s01, u, b); s11 = mac(s11, v, b);
        b = v128.load(k2, 112); s02 = mac(s02, u, b); s12 = mac(s12, v, b);
        b = v128.load(k3, 112); s03 = mac(s03, u, b); s13 = mac(s13, v, b);
        c = 8 * VECTOR;
      }
      for (; c < row; c += VECTOR) {
        u = v128.load(q0 + c); v = v128.load(q1 + c);
        b = v128.load(k0 + c); s00 = mac(s00, u, b); s10 = mac(s10, v, b);
        b = v128.load(k1 + c); s01 = mac(s01, u, b); s11 = mac(s11, v, b);
        b = v128.load(k2 + c); s02 = mac(s02, u, b); s12 = mac(s12, v, b);
        b = v128.load(k3 + c); s03 = mac(s03, u, b); s13 = mac(s13, v, b);
      }
      const a = fold4(s00, s01, s02, s03);
      v128.store(y0 + i, a);
      tops0 = f32x4.pmax(tops0, a);
      b = fold4(s10, s11, s12, s13);
      v128.store(y1 + i, b);
      tops1 = f32x4.pmax(tops1, b);
      if (i == last) break;
    }
  }
  const tops = f32x4.pmax(v128.shuffle<f32>(tops0, tops1, 0, 4, 1, 5), v128.shuffle<f32>(tops0, tops1, 2, 6, 3, 7));
  return f32x4.pmax(tops, v128.shuffle<f32>(tops, tops, 2, 3, 0, 1));
}

/**
 * The address of the row that a slot names. The shipped model's 32 columns are worth a case of their own: a shift costs nothing,
 * while on Intel's processors a multiplication of integers holds up those of floats.
 */
@inline
function at(rows: usize, slot: usize, row: usize): usize {
  return rows + <usize>(row == 128 ? load<i32>(slot) << 7 : load<i32>(slot) * <i32>row);
}

/** In place, over logits still to be multiplied by `factor`, which is positive, the largest of them in all lanes of `top`. */
function softmax(line: usize, bytes: usize, top: v128, factor: v128): void {
  const share = f32x4.splat(<f32>1 / exponentials(line, bytes, top, factor));
  const end = line + bytes;
  let i = line;
  for (; i + VECTOR <= end; i += VECTOR) v128.store(i, f32x4.mul(v128.load(i), share));
  for (; i < end; i += FLOAT) f32.store(i, f32.load(i) * f32x4.extract_lane(share, 0));
}

/** Puts 2^((x - top) factor) in place of every x of a line. @returns the sum */
function exponentials(line: usize, bytes: usize, top: v128, factor: v128): f32 {
  if (bytes < VECTOR) {
    let sum: f32 = 0;
    for (const end = line + bytes; line < end; line += FLOAT) {
      const e = f32x4.extract_lane(exp2(f32x4.mul(f32x4.sub(v128.load32_splat(line), top), factor)), 0);
      f32.store(line, e);
      sum += e;
    }
    return sum;
  }
  // The last four, taken before those that they may share with the vector before them are overwritten.
  const end = line + bytes - VECTOR;
  const last = exp2(f32x4.mul(f32x4.sub(v128.load(end), top), factor));
  let sums = f32x4.splat(0);
  for (; line < end; line += VECTOR) {
    const e = exp2(f32x4.mul(f32x4.sub(v128.load(line), top), factor));
    v128.store(line, e);
    sums = f32x4.add(sums, e);
  }
  v128.store(end, last);
  const shared = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(line - end) / 4));
  return fold(f32x4.add(sums, v128.andnot(last, shared)));
}

/** The values in the slots, weighted by p0 and by p1: sixteen columns at a time, whose sums fit the registers. */
function blend(y0: usize, y1: usize, p0: usize, p1: usize, values: usize, slots: usize, line: usize, row: usize): void {
  for (const end = values + row; values < end; ) {
    const columns = values + 4 * VECTOR <= end ? 4 * VECTOR : VECTOR;
    if (columns == VECTOR) blend4(y0, y1, p0, p1, values, slots, line, row);
    else if (row == 128) blend16(y0, y1, p0, p1, values, slots, line, 128);
    else blend16(y0, y1, p0, p1, values, slots, line, row);
    y0 += columns;
    y1 += columns;
    values += columns;
  }
}

/** Inlined where `row` is the constant 128, for the sake of `at`. */
@inline
function blend16(y0: usize, y1: usize, p0: usize, p1: usize, values: usize, slots: usize, line: usize, row: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s02 = f32x4.splat(0), s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0), s12 = f32x4.splat(0), s13 = f32x4.splat(0);
  let i: usize = 0, b: v128;
  // Two at a time, as the instructions of a loop would take a fifth of the time.
  for (; i + 2 * FLOAT <= line; i += 2 * FLOAT) {
    const value = at(values, slots + i, row);
    const u = v128.load32_splat(p0 + i);
    const v = v128.load32_splat(p1 + i);
    b = v128.load(value);
    s00 = mac(s00, u, b);
    s10 = mac(s10, v, b);
    b = v128.load(value, 16);
    s01 = mac(s01, u, b);
    s11 = mac(s11, v, b);
    b = v128.load(value, 32);
    s02 = mac(s02, u, b);
    s12 = mac(s12, v, b);
    b = v128.load(value, 48);
    s03 = mac(s03, u, b);
    s13 = mac(s13, v, b);
    const next = at(values, slots + i + 4, row);
    const t = v128.load32_splat(p0 + i, 4);
    const w = v128.load32_splat(p1 + i, 4);
    b = v128.load(next);
    s00 = mac(s00, t, b);
    s10 = mac(s10, w, b);
    b = v128.load(next, 16);
    s01 = mac(s01, t, b);
    s11 = mac(s11, w, b);
    b = v128.load(next, 32);
    s02 = mac(s02, t, b);
    s12 = mac(s12, w, b);
    b = v128.load(next, 48);
    s03 = mac(s03, t, b);
    s13 = mac(s13, w, b);
  }
  if (i < line) {
    const value = at(values, slots + i, row);
    const u = v128.load32_splat(p0 + i);
    const v = v128.load32_splat(p1 + i);
    b = v128.load(value);
    s00 = mac(s00, u, b);
    s10 = mac(s10, v, b);
    b = v128.load(value, 16);
    s01 = mac(s01, u, b);
    s11 = mac(s11, v, b);
    b = v128.load(value, 32);
    s02 = mac(s02, u, b);
    s12 = mac(s12, v, b);
    b = v128.load(value, 48);
    s03 = mac(s03, u, b);
    s13 = mac(s13, v, b);
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
    s0 = mac(s0, v128.load32_splat(p0 + i), b);
    s1 = mac(s1, v128.load32_splat(p1 + i), b);
  }
  v128.store(y0, s0);
  v128.store(y1, s1);
}
