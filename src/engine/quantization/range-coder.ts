/** How often each symbol of a source comes, as whole numbers: what a coder knows of it. */
export type Counts = Uint8Array | Uint16Array;

/** Below this a range gives a byte away. */
const least = 2 ** 24;
const word = 2 ** 32;

/** Where each symbol begins among all, and at the end how many there are. @returns [symbols + 1] */
function starts(counts: Counts): Uint32Array {
  const from = new Uint32Array(counts.length + 1);
  for (let symbol = 0; symbol < counts.length; symbol++) from[symbol + 1] = from[symbol]! + counts[symbol]!;
  return from;
}

/**
 * Writes symbols in about as few bits as their counts allow: symbol s of N takes log2(N / count of s) bits, and what is left of a bit goes on to the next. Based
 * on G. N. N. Martin, "Range encoding" (1979), with the carry as in Igor Pavlov's LZMA SDK: `low` is where the range begins, a byte that a carry may still
 * change waits in `held`, and so do the bytes of 255 behind it. The first byte of all is always 0, and is not written.
 * @param sources take turns: symbol i is of source i modulo their number. Each has at most 2^24 counts, and none of a symbol that comes is 0
 */
export function rangeEncode(symbols: Uint8Array, sources: readonly Counts[]): Uint8Array {
  const tables = sources.map(starts);
  const bytes: number[] = [];
  let [low, range, held, waiting] = [0, word, 0, 0];
  const shift = () => {
    if (low < 255 * least || low >= word) {
      const carry = Number(low >= word);
      bytes.push((held + carry) & 255);
      for (; waiting; waiting--) bytes.push((255 + carry) & 255);
      held = Math.floor(low / least) & 255;
    } else waiting++;
    low = (low % least) * 256;
  };
  for (let i = 0, turn = 0; i < symbols.length; i++, turn = turn + 1 === tables.length ? 0 : turn + 1) {
    const from = tables[turn]!;
    const symbol = symbols[i]!;
    const step = Math.floor(range / from[from.length - 1]!);
    low += from[symbol]! * step;
    range = (from[symbol + 1]! - from[symbol]!) * step;
    for (; range < least; range *= 256) shift();
  }
  for (let i = 0; i < 5; i++) shift();
  return Uint8Array.from(bytes.slice(1));
}

/** @param count of symbols @param sources as they were written with */
export function rangeDecode(bytes: Uint8Array, count: number, sources: readonly Counts[]): Uint8Array {
  const tables = sources.map((counts) => ({ from: starts(counts), symbolAt: places(counts) }));
  let [at, code, range] = [4, 0, word];
  for (let i = 0; i < 4; i++) code = code * 256 + bytes[i]!;
  const symbols = new Uint8Array(count);
  for (let i = 0, turn = 0; i < count; i++, turn = turn + 1 === tables.length ? 0 : turn + 1) {
    const { from, symbolAt } = tables[turn]!;
    const step = Math.floor(range / symbolAt.length);
    const symbol = symbolAt[Math.min(symbolAt.length - 1, Math.floor(code / step))]!;
    code -= from[symbol]! * step;
    range = (from[symbol + 1]! - from[symbol]!) * step;
    for (; range < least; range *= 256) code = code * 256 + bytes[at++]!;
    symbols[i] = symbol;
  }
  return symbols;
}

/** The symbol of each place among all: each as often as it comes. */
function places(counts: Counts): Uint8Array {
  const symbols: number[] = [];
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i++) symbols.push(symbol);
  });
  return Uint8Array.from(symbols);
}
