import type { Ink } from './ink.ts';

/**
 * All that is drawn of a word, as one number: to compare numbers costs far less than to write and compare names of classes. Ink, bits and wash take eight
 * bits each, and the highest of the bits says that the word lies far; a word that has not been read is `unread`.
 */
export const unread = -1;

const inkOf = (look: number) => look >> 16;
const bitsOf = (look: number) => (look >> 8) & 127;
const isFar = (look: number) => (look & 0x8000) > 0;
const washOf = (look: number) => look & 255;

/** [positions] how each token of a text looks when so many have been read. */
export function looksOf({ level, bits, far }: Ink, attention: Uint8Array, read: number, count: number): Int32Array {
  const looks = new Int32Array(count).fill(unread);
  for (let i = 0; i < Math.min(count, read); i++)
    looks[i] = (level[i]! << 16) | ((far?.[i] ?? 0) << 15) | (bits[i]! << 8) | attention[i]!;
  return looks;
}

/** Sharpness is lost in three steps: at 8 bits, at 4 and at 2. */
const sharpness = (bits: number) => (bits <= 2 ? 2 : bits <= 4 ? 4 : 8);

export function classOf(look: number): string {
  if (look === unread) return 'unread';
  const [bits, wash] = [bitsOf(look), washOf(look)];
  return `ink-${inkOf(look)}${bits ? ` ink-low bits-${sharpness(bits)}` : ''}${isFar(look) ? ' far' : ''}${wash ? ` attend-${wash}` : ''}`;
}

/** Whether two looks differ in nothing but how much of the ink is left. */
export const sameButInk = (a: number, b: number) =>
  a === unread || b === unread ? (a === unread ? b : a) % 65536 === 0 : a % 65536 === b % 65536;

/** Levels of a veil: those of ink, and two more. */
export const hidden = 17;
export const bare = 18;

/** How much of a word a veil must hide. One with a wash, or far away, has its own ink, as a veil would hide the wash and the dots too. */
export const veilOf = (look: number) => (look === unread ? hidden : washOf(look) || isFar(look) ? bare : inkOf(look));
