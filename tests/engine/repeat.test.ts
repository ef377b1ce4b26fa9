import { expect, test } from 'vitest';
import { CacheView } from '../../src/engine/layer-view.ts';
import { Prefix } from '../../src/engine/prefix.ts';
import { seededPrompt, textPrompt } from '../../src/engine/prompt.ts';
import { engineOf, largestDifference, vocabulary } from './harbour.ts';

const engine = engineOf();
const { model } = engine;

// The same tokens, read twice as one text: what the rows of its second half pay, one after the other.
test('the most that a row pays while the text is read once more, without its <bos>', () => {
  const words = ['<bos>', ...'the code for the mill is 22 27 .'.split(' ')];
  const once = new Prefix(model, textPrompt(vocabulary, words));
  const before = model.work;
  const peaks = once.repeat();
  const pass = model.work - before;
  const twice = new Prefix(model, textPrompt(vocabulary, [...words, ...words.slice(1)]));
  const { layers, heads } = model.config;
  for (let layer = 0; layer < layers; layer++) {
    const view = new CacheView(model, twice.cache, twice.queries, layer, undefined);
    for (let head = 0; head < heads; head++) {
      const expected = new Float64Array(words.length);
      for (let rows = 1; rows < words.length; rows++) {
        const [upTo, but] = [
          view.attentionSums(rows)[head]!,
          rows > 1 ? view.attentionSums(rows - 1)[head]! : undefined,
        ];
        expected.forEach((peak, j) => (expected[j] = Math.max(peak, upTo[j]! - (but?.[j] ?? 0))));
      }
      expect(largestDifference(peaks[layer * heads + head]!, expected)).toBeLessThan(1e-5);
    }
  }
  // Asked again, it is there; and the pass left nothing behind.
  expect(once.repeat()).toBe(peaks);
  expect(model.work - before).toBeGreaterThan(pass);
  const { pool } = model.store;
  once.release();
  twice.release();
  expect(pool.free).toBe(pool.size);
});

test('lanes of one text share the pass, and tokens that came later score nothing', () => {
  const prepared = engine.prepare(seededPrompt(vocabulary, 3, { length: 128 }, 0, 'later'));
  const peaks = prepared.views[1]!.repeatPeaks();
  expect(peaks.map(({ length }) => length)).toEqual(new Array(8).fill(128));
  expect(peaks[0]).toEqual(prepared.prefix.repeat()[8]);
  engine.release(prepared);
});
