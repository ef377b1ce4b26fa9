import { expect, test } from 'vitest';
import { groupMean } from '../../../src/engine/eviction/group-mean.ts';

// Heads 0 and 1 share the first KV head, 2 and 3 the second.
test('neighbouring heads are averaged, position by position', () => {
  expect([...groupMean(Float64Array.of(1, 2, 3, 6, 10, 20, 30, 60), 4, 2)]).toEqual([2, 4, 20, 40]);
});

test('one head each is left as it is, and one KV head takes them all', () => {
  const scores = Float64Array.of(1, 2, 3, 6);
  expect(groupMean(scores, 4, 4)).toEqual(scores);
  expect([...groupMean(scores, 4, 1)]).toEqual([3]);
});
