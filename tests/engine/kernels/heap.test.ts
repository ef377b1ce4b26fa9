import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heap } from '../../../src/engine/kernels/heap.ts';
import { plain } from '../../../src/engine/kernels/plain.ts';
import { simd } from '../../../src/engine/kernels/simd.ts';

/** 1 MiB, by which a heap grows at least. */
const step = 262_144;

const make = { plain: () => plain().heap, simd: () => simd()!.heap };

describe.each(Object.entries(make))('the heap of the %s kernels', (_name, heapOf) => {
  test('begins with one step, and grows by whole steps', () => {
    const heap = heapOf();
    expect([heap.bytes, heap.f32.length, heap.i32.length]).toEqual([4 * step, step, step]);
    heap.take(step);
    expect(heap.bytes).toBe(4 * step);
    heap.take(1);
    expect(heap.bytes).toBe(8 * step);
  });

  // A step more would be 2 * step words; wanted are 5 * step + 1, to the next page of 16,384 words.
  test('a large request is met at once, in whole pages', () => {
    const heap = heapOf();
    heap.take(5 * step + 1);
    expect(heap.bytes).toBe(4 * (5 * step + 16_384));
  });

  test('keeps what was in it when it grows, and old views are not written to any more', () => {
    const heap = heapOf();
    const [a, b] = [heap.take(1000), heap.take(1000)];
    heap.floats(a, 1000).fill(1.5);
    heap.ints(b, 1000).fill(-7);
    const before = heap.f32;
    heap.take(3 * step);
    expect(heap.f32).not.toBe(before);
    expect(new Set(heap.floats(a, 1000))).toEqual(new Set([1.5]));
    expect(new Set(heap.ints(b, 1000))).toEqual(new Set([-7]));
    heap.f32[a] = 2;
    expect(before[a]).not.toBe(2);
  });

  test('floats and ints are two views of the same words', () => {
    const heap = heapOf();
    const at = heap.take(2);
    heap.floats(at, 2).set([1, -2]);
    expect([...heap.ints(at, 2)]).toEqual([0x3f800000, 0xc0000000 | 0]);
  });
});

describe('addresses', () => {
  test('are multiples of four words unless told otherwise, so that a vector never straddles', () => {
    const heap = make.plain();
    // 1 word from 0, 5 from 4, 3 from 12, then 2 from the next multiple of 12 after 15, which is 24, and 1 from 28.
    expect([heap.take(1), heap.take(5), heap.take(3), heap.take(2, 12), heap.take(1)]).toEqual([0, 4, 12, 24, 28]);
  });

  test('what is given back is taken again by who asks for as many words, the first given first', () => {
    const heap = make.plain();
    const [a, b] = [heap.take(8), heap.take(8)];
    const c = heap.take(12);
    heap.give(b, 8);
    heap.give(a, 8);
    heap.give(c, 12);
    expect([heap.take(8), heap.take(8)]).toEqual([b, a]);
    expect(heap.take(8)).toBe(28);
    expect(heap.take(12)).toBe(c);
  });

  // The word counts match, but 4 is no multiple of 16; 16 is.
  test('what was given back is passed over where it does not begin where it must', () => {
    const heap = make.plain();
    heap.take(4);
    const odd = heap.take(12);
    const even = heap.take(12);
    expect([odd, even]).toEqual([4, 16]);
    heap.give(odd, 12);
    heap.give(even, 12);
    expect(heap.take(12, 16)).toBe(even);
    expect(heap.take(12, 16)).toBe(32);
    expect(heap.take(12)).toBe(odd);
  });

  test('any requests: nobody has a word that another has, and what comes and goes does not grow the heap', () => {
    const request = fc.record({
      words: fc.integer({ min: 1, max: 40_000 }),
      align: fc.constantFrom(4, 8, 12, 32, 48),
      kept: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        const heap = make.plain();
        const held: { at: number; words: number; mark: number }[] = [];
        requests.forEach(({ words, align, kept }, mark) => {
          const at = heap.take(words, align);
          expect(at % align).toBe(0);
          expect(at + words).toBeLessThanOrEqual(heap.f32.length);
          heap.floats(at, words).fill(mark);
          held.push({ at, words, mark });
          if (!kept) {
            const [gone] = held.splice(0, 1);
            heap.give(gone!.at, gone!.words);
          }
        });
        const expectOwn = (some: typeof held) => {
          for (const { at, words, mark } of some) {
            expect(heap.floats(at, words).every((word) => word === mark)).toBe(true);
          }
        };
        expectOwn(held);
        const { bytes } = heap;
        for (const { at, words } of held) heap.give(at, words);
        const again = held.map(({ words }, mark) => ({ at: heap.take(words), words, mark }));
        for (const { at, words, mark } of again) heap.floats(at, words).fill(mark);
        expectOwn(again);
        expect(heap.bytes).toBe(bytes);
      }),
      { numRuns: 50 },
    );
  });
});

describe('when the machine has no memory left', () => {
  /** A heap that may have so many words in all. */
  const limited = (words: number) => {
    let memory = new Float32Array(0);
    return new Heap((bytes) => {
      if (bytes > 4 * words) throw new RangeError('Array buffer allocation failed');
      const grown = new Float32Array(bytes / 4);
      grown.set(memory);
      return (memory = grown).buffer;
    });
  };

  // Wanted are 3 steps, which are 3 MiB, of which one is there.
  test('the heap says how much is needed, and why', () => {
    const heap = limited(2 * step);
    const refusal = () => heap.take(3 * step);
    expect(refusal).toThrow('There is not enough memory: 3 MiB are needed.');
    expect(refusal).toThrow(expect.objectContaining({ cause: new RangeError('Array buffer allocation failed') }));
  });

  test('it stays as it was, and smaller requests are still met', () => {
    const heap = limited(step);
    const a = heap.take(step - 8);
    heap.floats(a, 4).set([1, 2, 3, 4]);
    expect(() => heap.take(9)).toThrow('There is not enough memory');
    expect([heap.bytes, ...heap.floats(a, 4)]).toEqual([4 * step, 1, 2, 3, 4]);
    expect(heap.take(8)).toBe(step - 8);
    heap.give(a, step - 8);
    expect(heap.take(step - 8)).toBe(a);
  });

  test('not even a first page: the heap cannot be made', () => {
    expect(() => limited(0)).toThrow('There is not enough memory: 1 MiB are needed.');
  });

  // 2^32 bytes is all that an address of 32 bits reaches: no machine gives more, and the module's memory says so itself.
  test('WebAssembly refuses beyond 4 GiB with the same words', () => {
    expect(() => make.simd().take(2 ** 30 + 4)).toThrow('There is not enough memory: 4096 MiB are needed.');
  });
});
