import type { Engine } from './engine.ts';
import type { LayerView, Lesson } from './eviction/types.ts';
import { CacheView } from './layer-view.ts';
import { Prefix } from './prefix.ts';
import { seededPrompt } from './prompt.ts';

/** Texts that methods learn from begin at this seed: neither training nor any measurement sees them. */
export const lessonSeed = 7_000_000;
/** As many as the calibration that is shipped was learned from, each of so many tokens. */
export const lessonTexts = 20;
export const lessonLength = 512;

/** A text with a question and the right answer behind it, and where these stand. */
export interface Taught {
  /** Each layer as it read all of that. */
  readonly layers: readonly LayerView[];
  readonly lesson: Lesson;
  /** Gives the memory back. */
  release(): void;
}

export function readLesson({ model }: Pick<Engine, 'model'>, seed: number, length = lessonLength): Taught {
  const prompt = seededPrompt(model.vocabulary, seed, { length }, seed, 'later');
  const { question } = prompt.turns[0]!;
  const tokens = [...prompt.tokens, ...prompt.tokenizer.encode(question.answer!)];
  const end = tokens.length;
  const prefix = new Prefix(model, { ...prompt, tokens, compressedAt: end, judgedAt: end, textLength: end });
  return {
    layers: Array.from(
      { length: model.config.layers },
      (_, layer) => new CacheView(model, prefix.cache, prefix.queries, layer, undefined),
    ),
    lesson: { text: prompt.textLength, answer: [prompt.tokens.length, end], sentence: question.sentence! },
    release: () => prefix.release(),
  };
}
