import { expect, test } from 'vitest';
import { filter } from '../../src/catalog/facets.ts';
import { presetQuery, presets } from '../../src/catalog/presets.ts';
import { readQuery } from '../../src/catalog/query.ts';
import { toRow } from '../../src/catalog/rows.ts';
import { entries } from './entries.ts';

const known = new Set(entries.map(({ id }) => id));
const answer = (asked: string) => {
  const { state } = presets.find(({ asks }) => asks === asked)!;
  return filter(entries.map(toRow), readQuery(presetQuery(state), known).state)
    .rows.map(({ slug }) => slug)
    .sort();
};

test.for(presets)('$asks: an address that is read without a word, and answers', ({ asks, state }) => {
  expect(readQuery(presetQuery(state), known).problems).toEqual([]);
  expect(answer(asks).length).toBeGreaterThan(0);
  expect(answer(asks).length).toBeLessThan(entries.length / 2);
});

// Read by hand against how each entry says it is switched on. The addresses given there were opened where they could be, and the sources of the entries say
// what stood there; the two pull requests of MInference could not. FlashMemory brings a modified copy of SGLang, and so is not among them.
test('in vLLM or SGLang today', () => {
  expect(answer('in vLLM or SGLang today')).toEqual([
    'dflash',
    'dsa',
    'fp8-kv',
    'kv-compression-infra',
    'kv-runtime-agents',
    'lmcache',
    'minference',
    'mla',
    'mooncake',
    'notes-at-prefill',
    'pagedattention',
    'radixattention',
    'sliding-window-hybrids',
    'triattention',
  ]);
});

test('an old address of "paged" is read as fitting in pages, and says so', () => {
  const { state, problems } = readQuery('?v=1&paged=yes', known);
  expect(state.fits).toEqual(['yes']);
  expect(problems).toEqual([
    '"paged" is two facts now: "fits in pages" and "gives pages back"; this link was read as "fits in pages".',
  ]);
});
