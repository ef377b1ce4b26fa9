import fc from 'fast-check';
import { expect, test } from 'vitest';
import { branchesOf, branchKinds } from '../../../src/engine/world/branches.ts';

const sorted = (words: readonly string[]) => [...words].sort().join(' ');

test('branches differ from the first prompt as they say', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (seed) => {
      const { root, others, question } = branchesOf(seed);
      const differing = (kind: (typeof branchKinds)[number]) =>
        root.filter((word, i) => others[kind][i] !== word).length;
      expect(Object.keys(others)).toEqual([...branchKinds]);
      expect(others.same).toEqual(root);
      expect(differing('fact')).toBe(1);
      for (const kind of ['verbs', 'dealt'] as const) {
        expect(others[kind]).toHaveLength(root.length);
        expect(differing(kind)).toBeGreaterThan(0);
      }
      for (const kind of ['swapped', 'shuffled'] as const) expect(sorted(others[kind])).toBe(sorted(root));
      expect(others.swapped.slice(-4)).toEqual(root.slice(-4));
      expect(question.at(-1)).toBe('?');
    }),
    { numRuns: 100 },
  );
});
