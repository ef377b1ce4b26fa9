import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cachings, servePool, type Spoken } from '../../../src/engine/paging/call-pool.ts';

const spoken = (prompt: string, written = ''): Spoken => ({
  prompt: prompt.split(' '),
  written: written.split(' ').filter(Boolean),
});

// Five blocks of one token. "a b c" fills blocks 0 to 2, and c is freed first; "p q" takes the two that are empty. For "r s" whoever looks at rest alone
// takes c and b; who knows that "a b c d" comes takes q and p. The last token of a prompt is never looked up.
describe('four requests in five blocks', () => {
  const requests = ['a b c', 'p q', 'r s', 'a b c d'].map((prompt) => spoken(prompt));
  const served = (caching: (typeof cachings)[number]) => servePool(requests, 5, 1, caching);
  const of = (caching: (typeof cachings)[number]) =>
    served(caching).map(({ found, lost, evicted }) => [found, lost, evicted]);

  test('what rested longest goes: of the last request one token is found, two are computed once more', () => {
    expect(of('on')).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 2],
      [1, 2, 3],
    ]);
    expect(served('on').map(({ until }) => until)).toEqual([
      [Infinity, 2, 2],
      [3, 3],
      [Infinity, 3],
      [Infinity, Infinity, Infinity, Infinity],
    ]);
  });

  test('what is asked for last goes: all three are found', () => {
    expect(of('oracle')).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 2],
      [3, 0, 1],
    ]);
  });

  test('without caching nothing is found, and nothing outlives its request', () => {
    expect(of('off')).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
      [0, 3, 0],
    ]);
    expect(served('off').map(({ until }) => until)).toEqual([
      [1, 1, 1],
      [2, 2],
      [3, 3],
      [4, 4, 4, 4],
    ]);
  });
});

test('what is written is found by who goes on from it; a block that is not full has no name', () => {
  const [first, second] = servePool([spoken('a b c', 'd e'), spoken('a b c d e f')], 6, 2, 'on');
  expect(first!.until).toEqual([Infinity, Infinity, 1]);
  expect(second).toEqual({ found: 4, lost: 0, evicted: 0, until: [Infinity, Infinity, Infinity] });
});

test('a request that does not fit into the whole pool is no request for it', () => {
  expect(() => servePool([spoken('a b c', 'd')], 3, 1, 'on')).toThrow('Request 0 does not fit into 3 blocks of 1.');
});

const anyRequest = fc
  .tuple(fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 9 }), fc.array(fc.constantFrom('a', 'b')))
  .map(([prompt, written]) => ({ prompt, written: written.slice(0, 3) }));

test('any requests: no rule finds what an endless pool would not, and who knows what comes finds at least as much as who does not', () => {
  let more = 0;
  fc.assert(
    fc.property(
      fc.array(anyRequest, { minLength: 1, maxLength: 14 }),
      fc.integer({ min: 12, max: 24 }),
      fc.constantFrom(1, 2),
      (requests, room, size) => {
        const [off, on, oracle] = cachings.map((caching) =>
          servePool(requests, Math.floor(room / size), size, caching),
        );
        on!.forEach((one, i) => {
          expect(one.found + one.lost).toBe(off![i]!.lost);
          expect(oracle![i]!.found + oracle![i]!.lost).toBe(off![i]!.lost);
        });
        const sum = (pooled: typeof on) => pooled!.reduce((all, { found }) => all + found, 0);
        expect(sum(oracle)).toBeGreaterThanOrEqual(sum(on));
        more += Number(sum(oracle) > sum(on));
      },
    ),
    { seed: 3, numRuns: 400 },
  );
  expect(more).toBeGreaterThan(10);
});
