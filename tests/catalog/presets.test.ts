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

// Read by hand against how each entry says it is switched on. Of 16 of the 18 an address given there was opened, and the sources of the entry say what stood
// there. Not opened were the two pull requests of MInference, the paper on notes at prefill, and the second of LMCache's two addresses, its page at arXiv.
// FlashMemory brings a modified copy of SGLang, and so is not among them.
test('in vLLM or SGLang today', () => {
  expect(answer('in vLLM or SGLang today')).toEqual([
    'dflash',
    'dsa',
    'fp8-kv',
    'gqa',
    'kv-compression-infra',
    'kv-runtime-agents',
    'lmcache',
    'minference',
    'mla',
    'mooncake',
    'mqa',
    'notes-at-prefill',
    'nvfp4-kv',
    'pagedattention',
    'radixattention',
    'sliding-window-hybrids',
    'triattention',
    'turboquant',
  ]);
});

test('an old address of "paged" is read as fitting in pages, and says so', () => {
  const { state, problems } = readQuery('?v=1&paged=yes', known);
  expect(state.fits).toEqual(['yes']);
  expect(problems).toEqual([
    '"paged" is two facts now: "fits in pages" and "gives pages back"; this link was read as "fits in pages".',
  ]);
});
