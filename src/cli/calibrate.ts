/**
 * Lets methods learn from a model what they need to know of it, and writes that beside its weights:
 *
 *     npm run calibrate -- [--texts 20] [--length 512] [--seed 7000000] [--model DIR]
 *
 * Texts are of the site's kind, each with a question and the right answer behind it, from seeds that neither training nor any measurement sees. The file, `calibration.safetensors`, holds a tensor
 * [layers, kvHeads, ...] for each thing learned; its metadata says from which texts and which weights.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import type { LayerView, Learning, Lesson } from '../engine/eviction/types.ts';
import { membersOf } from '../engine/members.ts';
import { writeSafetensors } from '../engine/model/safetensors.ts';
import { seededPrompt } from '../engine/prompt.ts';
import { CacheView } from '../engine/layer-view.ts';
import { Prefix } from '../engine/prefix.ts';
import { integerOf, main } from './fail.ts';
import { folderOf, loadEngine, weightsHash } from './load.ts';

/** Each layer as it read one text with a question and the right answer, and where these stand. */
function readText({ model }: Engine, seed: number, length: number): { layers: LayerView[]; lesson: Lesson } {
  const prompt = seededPrompt(model.vocabulary, seed, { length }, seed, 'later');
  const { question } = prompt.turns[0]!;
  const tokens = [...prompt.tokens, ...prompt.tokenizer.encode(question.answer!)];
  const end = tokens.length;
  const { cache, queries } = new Prefix(model, {
    ...prompt,
    tokens,
    compressedAt: end,
    judgedAt: end,
    textLength: end,
  });
  const layers = Array.from(
    { length: model.config.layers },
    (_, layer) => new CacheView(model, cache, queries, layer, undefined),
  );
  const lesson = {
    text: prompt.textLength,
    answer: [prompt.tokens.length, end],
    sentence: question.sentence!,
  } as const;
  return { layers, lesson };
}

/** @returns [layers, kvHeads, ...] */
function learn({ from }: Learning, texts: readonly ReturnType<typeof readText>[]) {
  const lessons = texts.map(({ lesson }) => lesson);
  const layers = texts[0]!.layers.map((_, layer) =>
    from(
      texts.map(({ layers }) => layers[layer]!),
      lessons,
    ),
  );
  const width = layers[0]![0]!.length;
  return {
    shape: [layers.length, layers[0]!.length, ...(width > 1 ? [width] : [])],
    data: Float32Array.from(layers.flat().flatMap((row) => [...row])),
  };
}

await main('calibrate', () => {
  const { values } = parseArgs({
    options: {
      texts: { type: 'string', default: '20' },
      length: { type: 'string', default: '512' },
      seed: { type: 'string', default: '7000000' },
      model: { type: 'string' },
    },
  });
  const [count, length, seed] = [
    integerOf('texts', values.texts, 1, 1000),
    integerOf('length', values.length, 64, 4096),
    integerOf('seed', values.seed, 0, 2 ** 31),
  ];
  const engine = loadEngine(undefined, values.model);
  const texts = Array.from({ length: count }, (_, i) => readText(engine, seed + i, length));
  const learnings = [...membersOf('score'), ...membersOf('budget')].flatMap(({ learns }) => learns ?? []);
  const tensors = new Map(learnings.map((learning) => [learning.name, learn(learning, texts)]));
  const metadata = {
    texts: `${count} texts of ${length} tokens from seed ${seed}, each with a question and its answer`,
    weights_sha256: weightsHash(values.model),
  };
  writeFileSync(new URL('calibration.safetensors', folderOf(values.model)), writeSafetensors(tensors, metadata));
  process.stdout.write(`${[...tensors].map(([name, { shape }]) => `${name} [${shape.join(', ')}]`).join('\n')}\n`);
});
