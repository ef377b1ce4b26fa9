/** A binary floating-point format with a sign: bits of its exponent and of its mantissa, and the largest number that it has. */
export interface FloatFormat {
  readonly exponent: number;
  readonly mantissa: number;
  readonly largest: number;
  /** What is larger becomes the largest number; otherwise infinity. */
  readonly saturates: boolean;
}

export const half: FloatFormat = { exponent: 5, mantissa: 10, largest: 65504, saturates: false };
/** Open Compute Project, "OCP 8-bit Floating Point Specification (OFP8)": E4M3 has no infinity, and its largest number is 1.75 * 2^8. */
export const e4m3: FloatFormat = { exponent: 4, mantissa: 3, largest: 448, saturates: true };
export const e5m2: FloatFormat = { exponent: 5, mantissa: 2, largest: 57344, saturates: true };

const word = new Float64Array(1);
const words = new Uint32Array(word.buffer);

/** floor(log2 |x|), from the number's own bits, as a logarithm rounds near powers of two. */
function exponentOf(x: number): number {
  word[0] = x;
  return ((words[1]! >>> 20) & 0x7ff) - 1023;
}

const toInteger = 1.5 * 2 ** 52;

/** The nearest number of a format; halfway between two, the one with the even mantissa. */
export function toFloat(x: number, { exponent, mantissa, largest, saturates }: FloatFormat): number {
  if (x === 0) return x;
  // Below the least exponent numbers are evenly spaced.
  const least = 2 - 2 ** (exponent - 1);
  const step = 2 ** (Math.max(exponentOf(x), least) - mantissa);
  // A product keeps the sign of a number that becomes 0.
  const rounded = Math.sign(x) * (Math.abs(x) / step + toInteger - toInteger) * step;
  if (Math.abs(rounded) <= largest) return rounded;
  return Math.sign(rounded) * (saturates ? largest : Infinity);
}

/** The bits of a number that the format has: sign, exponent, mantissa. */
export function bitsOf(x: number, { exponent, mantissa }: FloatFormat): number {
  const bias = 2 ** (exponent - 1) - 1;
  const sign = Number(x < 0 || Object.is(x, -0)) << (exponent + mantissa);
  const size = Math.abs(x);
  if (size === Infinity) return sign | ((2 ** exponent - 1) << mantissa);
  const power = Math.max(exponentOf(size), 1 - bias);
  const steps = size / 2 ** (power - mantissa);
  // A subnormal number has fewer steps than the leading one, and that is what tells it apart.
  return sign | (steps < 2 ** mantissa ? steps : ((power + bias - 1) << mantissa) + steps);
}

/** Bit patterns of many numbers. */
export const patterns = (numbers: ArrayLike<number>, format: FloatFormat): Uint16Array =>
  Uint16Array.from(numbers, (x) => bitsOf(x, format));

/** The finite number of a bit pattern. */
export function numberOf(pattern: number, { exponent, mantissa }: FloatFormat): number {
  const bias = 2 ** (exponent - 1) - 1;
  const power = (pattern >> mantissa) & (2 ** exponent - 1);
  const steps = (pattern & (2 ** mantissa - 1)) + (power && 2 ** mantissa);
  const size = steps * 2 ** (Math.max(power, 1) - bias - mantissa);
  return pattern >> (exponent + mantissa) ? -size : size;
}
