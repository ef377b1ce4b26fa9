/**
 * Codes of `bits` bits (1 to 8) side by side in 32-bit words, the first in the lowest bits. A code may straddle two words, so that
 * no bit is wasted.
 */
export function pack(codes: Uint8Array, bits: number): Uint32Array {
  const words = new Uint32Array(Math.ceil((codes.length * bits) / 32));
  for (let i = 0; i < codes.length; i++) {
    const word = (i * bits) >>> 5;
    const shift = (i * bits) & 31;
    words[word]! |= codes[i]! << shift;
    if (shift + bits > 32) words[word + 1]! |= codes[i]! >>> (32 - shift);
  }
  return words;
}

export function unpack(words: Uint32Array, bits: number, count: number): Uint8Array {
  const codes = new Uint8Array(count);
  const mask = 2 ** bits - 1;
  for (let i = 0; i < count; i++) {
    const word = (i * bits) >>> 5;
    const shift = (i * bits) & 31;
    const high = shift + bits > 32 ? words[word + 1]! << (32 - shift) : 0;
    codes[i] = ((words[word]! >>> shift) | high) & mask;
  }
  return codes;
}
