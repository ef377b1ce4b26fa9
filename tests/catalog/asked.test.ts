import { expect, test } from 'vitest';
import { askedBy } from '../../src/catalog/asked.ts';
import { facetKeys, facets, type Facet } from '../../src/catalog/facets.ts';

test.for([
  ['FlashAttention', 'fused', 'yes'],
  ['flash-attention 2', 'fused', 'yes'],
  ['PagedAttention', 'fits', 'yes'],
  ['prefix caching', 'prefix', 'yes'],
  ['training-free', 'training', 'none'],
  ['vLLM', 'served', 'vllm'],
] as const)('a search for %s is offered a facet', ([query, facet, value]) => {
  expect(askedBy(query)).toEqual([{ facet, value }]);
  const { values }: Facet = facets[facet];
  expect(facetKeys).toContain(facet);
  expect(values.map(({ id }) => id)).toContain(value);
});

test('other searches are not', () => {
  expect(['flash', 'FlashMemory', 'heavy hitters', ''].flatMap(askedBy)).toEqual([]);
});
