import { describe, expect, test } from 'vitest';
import { blendsOf, choices, shares } from '../../../src/engine/measure/blends.ts';
import { cutText } from '../../../src/engine/world/cuts.ts';
import { modelOf } from '../harbour.ts';

const { model } = modelOf('simd', 0);
const length = 96;

describe('a chunk of which a share is computed anew', () => {
  const text = cutText(4, 'fact', length);
  const { made, whole } = blendsOf(model, text, true, 4);
  const chunk = text.words.length - text.at;

  test('nothing of it, and all of it, is the same whatever is chosen; all of it is the whole text', () => {
    for (const choice of choices) {
      expect(made[choice][0]).toEqual(made.deviation[0]);
      expect(made[choice].at(-1)).toMatchObject({ answer: whole, same: true, kl: 0 });
      expect(Math.max(...made[choice].at(-1)!.off)).toBe(0);
    }
    expect(made.deviation[0]!.computed).toEqual([]);
    expect(made.deviation[0]!.same).toBe(false);
  });

  test('a share is that of the chunk, and a larger one holds the smaller', () => {
    for (const choice of choices) {
      const lists = made[choice].map(({ computed }) => computed);
      expect(lists.map((list) => list.length)).toEqual(shares.map((share) => Math.round(share * chunk)));
      for (let i = 1; i < shares.length; i++) expect(lists[i]).toEqual(expect.arrayContaining([...lists[i - 1]!]));
      expect(lists.flat().every((token) => token >= text.at)).toBe(true);
    }
    expect(made.first[3]!.computed).toEqual(made.first[3]!.computed.map((_, i) => text.at + i));
  });
});
