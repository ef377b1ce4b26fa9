/**
 * How well passages are found: by the attention that a query's own rows pay to a text that was read once, by BM25, and by mean keys.
 *
 *     npm run --silent passages -- [--texts 20] [--seed 4000000] [--length 512] [--kinds code,place,liking,list] [--out FILE]
 *
 * A passage is a sentence; a query is a question that one sentence of the text answers. JSON: {model, passages (mean number), queries, tokens: {query (read
 * for each query), text (read once), again (read for each query without a cache)}, rankers: {attention | bm25 | keys: {1, 3, 5: {right, low, high}}}}.
 * BM25 is MiniSearch's (BM25+, its usual constants); words are compared as they are. No ranker was fitted to anything.
 */
import { parseArgs } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import { interval } from '../engine/measure/interval.ts';
import { asking, attentionOf, keysLike, rankOf, sentencesOf, type Passage } from '../engine/measure/passages.ts';
import { Prefix } from '../engine/prefix.ts';
import { seededPrompt, type Prompt } from '../engine/prompt.ts';
import { kinds as allKinds } from '../engine/world/facts.ts';
import { bm25 } from '../state/bm25.ts';
import { integerOf, main, oneOf, tell } from './fail.ts';
import { loadEngine, modelId } from './load.ts';

const rankers = ['attention', 'bm25', 'keys'] as const;
const depths = [1, 3, 5] as const;

/** The place of the sentence that answers, for each ranker. */
function ranksOf(
  { model }: Engine,
  prompt: Prompt,
  passages: readonly Passage[],
): Record<(typeof rankers)[number], number> {
  const { words, textLength, turns } = prompt;
  const { question, tokens } = turns[0]!;
  const text = new Prefix(model, { ...prompt, compressedAt: textLength, judgedAt: textLength });
  const wanted = passages.findIndex(({ from }) => from === question.sentence![0]);
  const places = asking(text, tokens, (asked) => ({
    attention: rankOf(attentionOf(asked, passages), wanted),
    bm25: rankOf(bm25(words, passages, question.words), wanted),
    keys: rankOf(keysLike(asked, passages), wanted),
  }));
  text.release();
  return places;
}

await main('passages', () => {
  const { values } = parseArgs({
    options: {
      texts: { type: 'string', default: '20' },
      seed: { type: 'string', default: '4000000' },
      length: { type: 'string', default: '512' },
      kinds: { type: 'string', default: 'code,place,liking,list' },
      out: { type: 'string' },
    },
  });
  const texts = integerOf('texts', values.texts, 1, 10_000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const length = integerOf('length', values.length, 64, 1024);
  const kinds = values.kinds.split(',').map((kind) => oneOf('kinds', allKinds, kind));
  const engine = loadEngine();
  const found: Record<(typeof rankers)[number], number>[] = [];
  const counts = { passages: 0, query: 0 };
  for (let text = seed; text < seed + texts; text++) {
    const prompt = seededPrompt(engine.model.vocabulary, text, { length, kinds }, 0, 'later');
    const passages = sentencesOf(prompt.words.slice(0, prompt.textLength));
    counts.passages += passages.length / texts;
    counts.query += prompt.turns[0]!.tokens.length / texts;
    found.push(ranksOf(engine, prompt, passages));
  }
  const within = (ranker: (typeof rankers)[number], depth: number) => {
    const right = found.filter((ranks) => ranks[ranker] <= depth).length;
    const [low, high] = interval(right, texts);
    return { right, low, high };
  };
  const report = {
    model: modelId,
    passages: counts.passages,
    queries: texts,
    tokens: { query: counts.query, text: length, again: length + counts.query },
    rankers: Object.fromEntries(
      rankers.map((ranker) => [ranker, Object.fromEntries(depths.map((depth) => [depth, within(ranker, depth)]))]),
    ),
  };
  tell(report, values.out);
});
