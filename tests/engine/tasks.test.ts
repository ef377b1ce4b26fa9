import { describe, expect, test } from 'vitest';
import { seededPrompt } from '../../src/engine/prompt.ts';
import { taskNames, tasks } from '../../src/engine/tasks.ts';
import { compare, engineOf } from './harbour.ts';

const engine = engineOf();

describe.each(taskNames)('the task %s', (name) => {
  const { options } = tasks[name];
  const prompt = seededPrompt(engine.model.vocabulary, 3_000_001, options, 0, 'later');

  test('asks as many questions as it says, and the first once more where it comes back', () => {
    const { again = false, turns, length } = options;
    expect(prompt.turns).toHaveLength(turns + Number(again));
    expect(prompt.textLength).toBe(length);
    if (again) expect(prompt.turns.at(-1)).toEqual(prompt.turns[0]);
    expect(new Set(prompt.turns.map(({ question }) => question.words.join(' '))).size).toBe(turns);
  });

  test('is one that the model does with its full cache', () => {
    const prepared = engine.prepare(prompt);
    const [full] = compare(engine, prepared, ['full'], 1);
    expect(full!.turns.map(({ right }) => right)).toEqual(prompt.turns.map(() => true));
    engine.release(prepared);
  });
});
