import { expect, test } from 'vitest';
import { headings } from '../../src/catalog/template.ts';
import { wordsOf } from '../../src/catalog/words.ts';
import { entries } from './entries.ts';

/** The most pages on which any five words in a row stand. It may only go down. */
const mostPages = 10;

/** Sentences of a text, since a phrase does not run over a full stop; without headings, which all entries share. */
const sentences = (body: string) =>
  wordsOf(headings.reduce((text, heading) => text.replace(`## ${heading}`, '.'), body))
    .toLowerCase()
    .split(/[.;:!?]+(?:\s|$)/);

function phrases(body: string): Set<string> {
  return new Set(
    sentences(body).flatMap((sentence) => {
      const words = sentence.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];
      return words.slice(4).map((_, i) => words.slice(i, i + 5).join(' '));
    }),
  );
}

test('no phrase of five words is a tic', () => {
  const pages = new Map<string, number>();
  for (const { body } of entries) for (const phrase of phrases(body)) pages.set(phrase, (pages.get(phrase) ?? 0) + 1);
  const worst = [...pages].filter(([, times]) => times > mostPages).sort(([, a], [, b]) => b - a);
  expect(worst).toEqual([]);
});
