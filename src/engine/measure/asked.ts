import { seededPrompt, type Prompt, type When } from '../prompt.ts';
import type { Vocabulary } from '../model/tokenizer.ts';
import { kinds as allKinds, type Kind } from '../world/facts.ts';
import { defaultKinds, writeText } from '../world/text.ts';

export interface Texts {
  /** Tokens of a text. */
  readonly length: number;
  readonly density: number;
  /** Where the seeds of the first kind begin; each kind has its own ten thousand. */
  readonly seed: number;
}

/** The first question of each kind that a text has, one a text, `count` of each kind. */
export function* askedOfKinds(
  vocabulary: Vocabulary,
  count: number,
  { length, density, seed }: Texts,
  when: When,
): Generator<{ kind: Kind; prompt: Prompt }> {
  for (const kind of allKinds) {
    const kinds = kind === 'conversation' ? [...allKinds] : defaultKinds;
    let found = 0;
    for (let next = seed + 10_000 * allKinds.indexOf(kind); found < count; next++) {
      const index = writeText(next, { length, kinds, density }).questions.findIndex(
        (question) => question.kind === kind,
      );
      if (index < 0) continue;
      found++;
      yield { kind, prompt: seededPrompt(vocabulary, next, { length, kinds, density }, index, when) };
    }
  }
}
