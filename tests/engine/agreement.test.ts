import { expect, test, describe } from 'vitest';
import { scoreOf } from '../../src/engine/lane-spec.ts';
import { membersOf } from '../../src/engine/members.ts';
import { fitted, makeScorer } from '../../src/engine/plan.ts';
import { compare, engineOf, shortPrompt } from './harbour.ts';

const [engine, other] = [engineOf('simd'), engineOf('plain')];
const lanes = membersOf('score').map(({ name }) => (name === 'snapkv' ? 'snapkv' : name));

describe('SIMD and plain kernels', () => {
  // The same word twice has keys of the same length in the first layer; windows pooled over the same votes tie, and so do tokens that an
  // answer does not look at. Rounding decides there.
  test.each([11, 12, 13])('keep the same tokens, but for ties, and give the same answers, on text %i', (seed) => {
    const pair = [engine, other].map((each) => ({ each, prepared: each.prepare(shortPrompt(seed)) }));
    const [simd, plain] = pair.map(({ each, prepared }) => compare(each, prepared, lanes, 0.25));
    expect(simd!.map(({ lane }) => lane)).toHaveLength(lanes.length);
    simd!.forEach((run, i) => {
      const twin = plain![i]!;
      let ties = 0;
      run.kept.forEach((heads, layer) =>
        heads.forEach((row, kvHead) => {
          const [mine, theirs] = [new Set(row), new Set(twin.kept[layer]![kvHead])];
          const apart = [...mine.symmetricDifference(theirs)];
          if (!apart.length) return;
          ties += apart.length;
          const scorer = makeScorer(fitted(scoreOf(run.spec), 128, 32));
          const scores = scorer.score(pair[0]!.prepared.views[layer]!, 32)[kvHead]!;
          expect(scores).toHaveLength(128);
          const cutoff = [...scores].sort((a, b) => b - a)[31]!;
          const scale = scores.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
          for (const position of apart)
            expect(
              Math.abs(scores[position]! - cutoff),
              `${run.lane} ${layer} ${kvHead} ${position}`,
            ).toBeLessThanOrEqual(1e-6 * scale);
        }),
      );
      if (!['cur', 'knorm', 'oracle', 'snapkv'].includes(scoreOf(run.spec).name))
        expect({ lane: run.lane, ties }).toEqual({ lane: run.lane, ties: 0 });
      expect(twin.bytes.live).toBe(run.bytes.live);
      // Tokens that tie in a score are not the same tokens.
      if (ties) return;
      expect({ answer: twin.answer, bytes: twin.bytes }).toEqual({ answer: run.answer, bytes: run.bytes });
      expect(Math.abs(twin.attentionKept - run.attentionKept)).toBeLessThan(1e-5);
      expect(Math.abs(twin.kl - run.kl)).toBeLessThan(1e-3);
    });
    for (const { each, prepared } of pair) each.release(prepared);
  });

  // Streaming's choice needs no arithmetic, so that whatever is done to its tokens is done to the same ones.
  test('do the same to what is kept: merged, turned, moved, written small, or read in part', () => {
    const fates = ['merge', 'rerotate', 'compact', 'every(n=3)', 'kivi(bits=8)', 'quest(top=1)'];
    const [simd, plain] = [engine, other].map((each) => {
      const prepared = each.prepare(shortPrompt(12, 'visible', { turns: 2, reading: 'spliced' }));
      const runs = compare(
        each,
        prepared,
        fates.map((fate) => `streaming-llm+${fate}`),
        0.4,
      );
      each.release(prepared);
      return runs;
    });
    simd!.forEach((run, i) => {
      const twin = plain![i]!;
      expect({ kept: twin.kept, bytes: twin.bytes, work: twin.work.decode }).toEqual({
        kept: run.kept,
        bytes: run.bytes,
        work: run.work.decode,
      });
      expect(twin.turns.map(({ answer }) => answer)).toEqual(run.turns.map(({ answer }) => answer));
      expect(Math.abs(twin.kl - run.kl), run.lane).toBeLessThan(0.01 * Math.max(1, run.kl));
    });
  });
});
