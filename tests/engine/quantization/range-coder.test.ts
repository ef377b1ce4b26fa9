import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rangeDecode, rangeEncode, type Counts } from '../../../src/engine/quantization/range-coder.ts';

// Two symbols that come equally often take a bit each: 1 0 1 1 0 0 1 0 is 178. Three more bytes close the range.
test('even odds are bits', () => {
  const symbols = Uint8Array.of(1, 0, 1, 1, 0, 0, 1, 0);
  expect(rangeEncode(symbols, [Uint8Array.of(4, 4)])).toEqual(Uint8Array.of(178, 0, 0, 0));
});

// The second source has one symbol only, which costs nothing.
test('sources take turns', () => {
  const sources = [Uint8Array.of(1, 1), Uint8Array.of(0, 8, 0)];
  expect(rangeEncode(Uint8Array.of(1, 1, 1, 1, 0, 1, 0, 1), sources)).toEqual(Uint8Array.of(192, 0, 0, 0));
});

const source = fc.array(fc.nat(255), { minLength: 1, maxLength: 127 }).map((counts) => {
  if (!counts.some(Boolean)) counts[0] = 1;
  return Uint8Array.from(counts);
});
const coded = fc.array(source, { minLength: 1, maxLength: 4 }).chain((sources) => {
  const possible = sources.map((counts) => [...counts.keys()].filter((symbol) => counts[symbol]));
  const draw = fc.array(fc.nat(), { maxLength: 600 });
  return draw.map((draws) => ({
    sources: sources as Counts[],
    symbols: Uint8Array.from(draws, (at, i) => {
      const own = possible[i % sources.length]!;
      return own[at % own.length]!;
    }),
  }));
});

test('what was written is read back, whatever the counts', () => {
  fc.assert(
    fc.property(coded, ({ sources, symbols }) => {
      const bytes = rangeEncode(symbols, sources);
      expect(rangeDecode(bytes, symbols.length, sources)).toEqual(symbols);
    }),
    { numRuns: 300 },
  );
});

test('it takes what the counts allow, and a few bytes more', () => {
  fc.assert(
    fc.property(coded, ({ sources, symbols }) => {
      let bits = 0;
      symbols.forEach((symbol, i) => {
        const counts = sources[i % sources.length]!;
        bits += Math.log2(Array.from(counts).reduce((a, b) => a + b, 0) / counts[symbol]!);
      });
      const { length } = rangeEncode(symbols, sources);
      expect(length).toBeGreaterThanOrEqual(bits / 8);
      // A range is cut into whole steps, of at least 2^24 / (127 * 255) each.
      expect(length).toBeLessThanOrEqual((bits * 1.005) / 8 + 5);
    }),
    { numRuns: 300 },
  );
});

// The last 255 of 256 parts, over and over: low comes close to a carry, and rare symbols let one through.
test('carries go through bytes that wait', () => {
  const counts = [Uint8Array.of(1, 0, 0, 255)];
  for (const rare of [7, 40, 399]) {
    const symbols = new Uint8Array(400).fill(3);
    symbols[rare] = 0;
    expect(rangeDecode(rangeEncode(symbols, counts), 400, counts)).toEqual(symbols);
  }
});
