/**
 * Held-out accuracy of the shipped model with the full cache:
 *
 *     npm run --silent evaluate -- [--questions 500] [--lengths 512,1024] [--seed 1000000] [--facts many|few] [--out FILE]
 *
 * Texts are those of the site (all kinds of facts; conversations apart), from seeds that training never saw. An answer is right when every
 * token up to the full stop is. Prints JSON {model, questions, seed, facts, rows: [{kind, length, free, n, right, accuracy, by_distance}]}, where
 * `free` is the share of names and numbers that are words the model never saw, and distance is tokens from the fact to the question.
 */
import { parseArgs } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import { textPrompt } from '../engine/prompt.ts';
import { kinds as allKinds, type Kind } from '../engine/world/facts.ts';
import { defaultKinds, writeText } from '../engine/world/text.ts';
import { densityOf, integerOf, main, tell } from './fail.ts';
import { loadEngine, modelId } from './load.ts';

/** Plenty of questions from each of many texts, rather than all from a few. */
const mostOfAKind = 4;

interface Row {
  readonly kind: Kind;
  readonly length: number;
  readonly free: number;
  n: number;
  right: number;
  readonly by_distance: Record<string, { n: number; right: number }>;
}

const bins = [64, 128, 256, 512, 1024];

function count(row: Row, distance: number, right: boolean): void {
  const bin = `<=${bins.find((limit) => distance <= limit) ?? bins.at(-1)}`;
  const at = (row.by_distance[bin] ??= { n: 0, right: 0 });
  for (const tally of [row, at]) {
    tally.n++;
    tally.right += Number(right);
  }
}

/** Asks about texts until every kind has its number of questions. */
function measure(
  engine: Engine,
  kinds: readonly Kind[],
  length: number,
  free: number,
  density: number,
  questions: number,
  seed: number,
): Row[] {
  const asked = kinds.includes('conversation') ? (['conversation'] as const) : kinds;
  const rows = new Map(
    asked.map((kind) => [kind as Kind, { kind, length, free, n: 0, right: 0, by_distance: {} } as Row]),
  );
  const { stop } = engine.model.config;
  for (let next = seed; [...rows.values()].some(({ n }) => n < questions); next++) {
    const text = writeText(next, { length, kinds, free, density });
    const prompt = textPrompt(engine.model.vocabulary, text.words);
    const left = new Map([...rows].map(([kind, { n }]) => [kind, Math.min(mostOfAKind, questions - n)]));
    const chosen = text.questions.filter(({ kind }) => {
      const room = left.get(kind) ?? 0;
      left.set(kind, room - 1);
      return room > 0;
    });
    const answers = engine.answerAll(
      prompt,
      chosen.map(({ words }) => words),
    );
    chosen.forEach(({ kind, answer, sentence }, i) => {
      const said = prompt.tokenizer.decode(answers[i]!.filter((token) => token !== stop)).join(' ');
      count(rows.get(kind)!, length - sentence[0], said === answer.join(' ') && answers[i]!.at(-1) === stop);
    });
  }
  return [...rows.values()];
}

await main('evaluate', () => {
  const { values } = parseArgs({
    options: {
      questions: { type: 'string', default: '500' },
      lengths: { type: 'string', default: '512,1024' },
      seed: { type: 'string', default: '1000000' },
      facts: { type: 'string', default: 'many' },
      out: { type: 'string' },
    },
  });
  const questions = integerOf('questions', values.questions, 1, 100_000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const density = densityOf(values.facts);
  const engine = loadEngine();
  const rows = values.lengths
    .split(',')
    .map((text) => integerOf('lengths', text, 64, 1024))
    .flatMap((length) =>
      [0, 0.5].flatMap((free) =>
        [defaultKinds, [...allKinds]].flatMap((kinds) =>
          measure(engine, kinds, length, free, density, questions, seed),
        ),
      ),
    );
  const report = {
    model: modelId,
    questions,
    seed,
    facts: values.facts,
    rows: rows.map((row) => ({ ...row, accuracy: Math.round((row.right / row.n) * 1e4) / 1e4 })),
  };
  tell(report, values.out);
});
