import MiniSearch from 'minisearch';
import type { Passage } from '../engine/measure/passages.ts';

/**
 * BM25 of each passage for a query: [passages], 0 where they share no word. It is MiniSearch's (BM25+, with its usual constants); words are compared as they
 * are, and marks are words. It needs no model, and knows none.
 */
export function bm25(words: readonly string[], passages: readonly Passage[], query: readonly string[]): Float64Array {
  const index = new MiniSearch<{ id: number; text: string }>({ fields: ['text'], tokenize: (text) => text.split(' ') });
  index.addAll(passages.map(({ from, to }, id) => ({ id, text: words.slice(from, to).join(' ') })));
  const scores = new Float64Array(passages.length);
  for (const { id, score } of index.search(query.join(' '))) scores[id as number] = score;
  return scores;
}
