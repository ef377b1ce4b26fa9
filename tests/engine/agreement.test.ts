import { expect, test, describe } from 'vitest';
import { policies } from '../../src/engine/eviction/index.ts';
import { compare, engineOf, shortPrompt } from './harbour.ts';

const [engine, other] = [engineOf('simd'), engineOf('plain')];
const lanes = Object.keys(policies).map((name) => (name === 'snapkv' ? 'snapkv(window=16)' : name));

describe('SIMD and plain kernels', () => {
  // The same word twice has keys of the same length in the first layer; windows pooled over the same votes tie, and so do tokens that an
  // answer does not look at. Rounding decides there.
  test.each([11, 12, 13])('keep the same tokens, but for ties, and give the same answers, on text %i', (seed) => {
    const pair = [engine, other].map((each) => ({ each, prepared: each.prepare(shortPrompt(seed)) }));
    const [simd, plain] = pair.map(({ each, prepared }) => compare(each, prepared, lanes, 0.25));
    simd!.forEach((run, i) => {
      const twin = plain![i]!;
      let ties = 0;
      run.kept.forEach((heads, layer) =>
        heads.forEach((row, kvHead) => {
          const [mine, theirs] = [new Set(row), new Set(twin.kept[layer]![kvHead])];
          const apart = [...mine.symmetricDifference(theirs)];
          if (!apart.length) return;
          ties += apart.length;
          const { policy } = run.spec;
          const chosen = policies[policy.name]!;
          const settings = chosen.fit?.(policy.settings, 128, 32) ?? policy.settings;
          const scores = chosen
            .score(pair[0]!.prepared.layers[layer]!, settings, { kept: 32, random: () => 0 })
            .subarray(kvHead * 128, (kvHead + 1) * 128);
          const cutoff = [...scores].sort((a, b) => b - a)[31]!;
          const scale = scores.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
          for (const position of apart)
            expect(
              Math.abs(scores[position]! - cutoff),
              `${run.lane} ${layer} ${kvHead} ${position}`,
            ).toBeLessThanOrEqual(1e-6 * scale);
        }),
      );
      if (!['knorm', 'oracle', 'snapkv'].includes(run.spec.policy.name))
        expect({ lane: run.lane, ties }).toEqual({ lane: run.lane, ties: 0 });
      expect(twin.bytes.live).toBe(run.bytes.live);
      // Tokens that tie in a score are not the same tokens.
      if (ties) return;
      expect({ answer: twin.answer, bytes: twin.bytes }).toEqual({ answer: run.answer, bytes: run.bytes });
      expect(Math.abs(twin.attentionKept - run.attentionKept)).toBeLessThan(1e-5);
      expect(Math.abs(twin.kl - run.kl)).toBeLessThan(1e-3);
    });
  });
});
