import { expect, test } from 'vitest';
import { asking, formOf } from '../../../src/engine/world/questions.ts';
import { writeText } from '../../../src/engine/world/text.ts';

test('a question is known by its form, whatever it asks about', () => {
  for (const kind of Object.keys(asking) as (keyof typeof asking)[])
    expect(formOf(asking[kind]('tramshed'))).toBe(kind);
  for (const words of ['', 'where ?', 'where is the old drum ?', 'who likes soup ?', 'what is the code for the mill'])
    expect(formOf(words.split(' ').filter(Boolean)), words).toBeUndefined();
});

test('so is every question of a generated text that stands alone', () => {
  for (let seed = 1; seed <= 20; seed++)
    for (const { words, about } of writeText(seed, { length: 256, kinds: ['code', 'place', 'liking', 'list'] })
      .questions)
      expect(formOf(words)).toBe(about);
});
