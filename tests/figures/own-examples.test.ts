import { afterAll, expect, test } from 'vitest';
import { parseLane } from '../../src/engine/lane-spec.ts';
import { typedPrompt } from '../../src/engine/prompt.ts';
import { ownExamples } from '../../src/figures/own-examples.ts';
import { engineOf } from '../engine/harbour.ts';

const engine = engineOf();
const prepared = ownExamples.map(({ text, ask }) =>
  engine.prepare(typedPrompt(engine.model.vocabulary, text, ask, 'later')),
);
afterAll(() => {
  for (const one of prepared) engine.release(one);
});

test.each(ownExamples.map(({ name }, i) => [name, i] as const))(
  '%s: nothing is wrong with it, and the full cache knows the answer',
  (_, i) => {
    expect(prepared[i]!.prompt.problems).toEqual([]);
    const [run] = engine.compare(prepared[i]!, [parseLane('full').spec], 1);
    expect(run!.answer.join(' ')).toContain(ownExamples[i]!.answer);
  },
);
