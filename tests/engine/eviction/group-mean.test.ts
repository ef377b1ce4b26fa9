import { expect, test } from 'vitest';
import { groupMean } from '../../../src/engine/eviction/group-mean.ts';

const rows = (...perHead: number[][]) => perHead.map((row) => Float64Array.from(row));

// Heads 0 and 1 share the first KV head, 2 and 3 the second.
test('neighbouring heads are averaged, position by position', () => {
  expect(groupMean(rows([1, 2], [3, 6], [10, 20], [30, 60]), 2)).toEqual(rows([2, 4], [20, 40]));
});

test('one head each is left as it is, and one KV head takes them all', () => {
  const scores = rows([1], [2], [3], [6]);
  expect(groupMean(scores, 4)).toEqual(scores);
  expect(groupMean(scores, 1)).toEqual(rows([3]));
});

test('heads of another group may hold more', () => {
  expect(groupMean(rows([1, 2, 3], [3, 4, 5], [10], [30]), 2)).toEqual(rows([2, 3, 4], [20]));
});

test('leaves the scores alone', () => {
  const scores = rows([1, 2], [3, 6]);
  groupMean(scores, 1);
  groupMean(scores, 2);
  expect(scores).toEqual(rows([1, 2], [3, 6]));
});
