/** Texts with questions and answers, as a model reads them: what methods learn from, and what that is judged by. */
import type { Engine } from '../engine/engine.ts';
import type { LayerView, Lesson } from '../engine/eviction/types.ts';
import { CacheView } from '../engine/layer-view.ts';
import { Prefix } from '../engine/prefix.ts';
import { seededPrompt, type Prompt } from '../engine/prompt.ts';
import type { Trace } from '../engine/retrieval/types.ts';
import { CacheSight } from '../engine/sight.ts';

/** Each layer as it read one text with a question and the right answer, and where these stand. */
export function readText(engine: Engine, seed: number, length: number): { layers: LayerView[]; lesson: Lesson } {
  const { model } = engine;
  const prompt = seededPrompt(model.vocabulary, seed, { length }, seed, 'later');
  const { question } = prompt.turns[0]!;
  const tokens = [...prompt.tokens, ...prompt.tokenizer.encode(question.answer!)];
  const { cache, queries } = readAll(engine, prompt, tokens);
  const layers = Array.from(
    { length: model.config.layers },
    (_, layer) => new CacheView(model, cache, queries, layer, undefined),
  );
  const lesson = {
    text: prompt.textLength,
    answer: [prompt.tokens.length, tokens.length],
    sentence: question.sentence!,
  } as const;
  return { layers, lesson };
}

/** Texts with several questions each. */
export const talks = { count: 24, length: 512, seed: 5_000_000, turns: 5 };

/** A text, its questions, and what the full cache answers, all read at once. */
export function readTalk(engine: Engine, seed: number): Trace {
  const { model } = engine;
  const prompt = seededPrompt(model.vocabulary, seed, talks, 0, 'later');
  const prepared = engine.prepare(prompt);
  const said = prompt.turns.flatMap(({ tokens }, turn) => [
    ...tokens,
    ...prepared.full.answers[turn]!.map(({ token }) => token),
  ]);
  engine.release(prepared);
  const { cache, queries } = readAll(engine, prompt, [...prompt.tokens.slice(0, prompt.compressedAt), ...said]);
  return { cache, sight: new CacheSight(model, cache, queries, undefined, 0, prompt.compressedAt) };
}

function readAll({ model }: Engine, prompt: Prompt, tokens: readonly number[]): Prefix {
  const end = tokens.length;
  return new Prefix(model, { ...prompt, tokens, compressedAt: end, judgedAt: end, textLength: end });
}
