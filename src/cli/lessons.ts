/** Texts with several questions and answers, as a model reads them: what ways of fetching learn from, and what that is judged by. */
import type { Engine } from '../engine/engine.ts';
import { Prefix } from '../engine/prefix.ts';
import { seededPrompt, type Prompt } from '../engine/prompt.ts';
import type { Trace } from '../engine/retrieval/types.ts';
import { CacheSight } from '../engine/sight.ts';

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
