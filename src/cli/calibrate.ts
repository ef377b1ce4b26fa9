/**
 * Lets methods learn from a model what they need to know of it, and writes that beside its weights:
 *
 *     npm run calibrate -- [--texts 20] [--length 512] [--seed 7000000] [--model DIR]
 *
 * Texts are of the site's kind, each with a question and the right answer behind it, from seeds that neither training nor any measurement sees. Ways of
 * fetching learn from others, on which several questions are asked in turn, and answered by the model. The file, `calibration.safetensors`, holds a tensor
 * [layers, kvHeads, ...] for each thing learned; its metadata says from which texts and which weights.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Learning } from '../engine/eviction/types.ts';
import { lessonLength, lessonSeed, lessonTexts, readLesson, type Taught } from '../engine/lessons.ts';
import { membersOf } from '../engine/members.ts';
import { writeSafetensors } from '../engine/model/safetensors.ts';
import { integerOf, main } from './fail.ts';
import { readTalk, talks } from './lessons.ts';
import { folderOf, loadEngine, weightsHash } from './load.ts';

/** @param rows for each layer and KV head what it learned @returns [layers, kvHeads, ...] */
function tensorOf(rows: readonly (readonly Float32Array[])[]) {
  const width = rows[0]![0]!.length;
  return {
    shape: [rows.length, rows[0]!.length, ...(width > 1 ? [width] : [])],
    data: Float32Array.from(rows.flat().flatMap((row) => [...row])),
  };
}

function learn({ from }: Learning, texts: readonly Taught[]) {
  const lessons = texts.map(({ lesson }) => lesson);
  return tensorOf(
    texts[0]!.layers.map((_, layer) =>
      from(
        texts.map(({ layers }) => layers[layer]!),
        lessons,
      ),
    ),
  );
}

await main('calibrate', () => {
  const { values } = parseArgs({
    options: {
      texts: { type: 'string', default: String(lessonTexts) },
      length: { type: 'string', default: String(lessonLength) },
      seed: { type: 'string', default: String(lessonSeed) },
      model: { type: 'string' },
    },
  });
  const [count, length, seed] = [
    integerOf('texts', values.texts, 1, 1000),
    integerOf('length', values.length, 64, 4096),
    integerOf('seed', values.seed, 0, 2 ** 31),
  ];
  const engine = loadEngine(undefined, values.model);
  const texts = Array.from({ length: count }, (_, i) => readLesson(engine, seed + i, length));
  const learnings = [...membersOf('score'), ...membersOf('budget')].flatMap(({ learns }) => learns ?? []);
  const traces = Array.from({ length: talks.count }, (_, i) => readTalk(engine, talks.seed + i));
  const tensors = new Map([
    ...learnings.map((learning) => [learning.name, learn(learning, texts)] as const),
    ...membersOf('retrieval').flatMap(({ learns }) =>
      learns ? [[learns.name, tensorOf(learns.from(traces))] as const] : [],
    ),
  ]);
  const metadata = {
    texts: `${count} texts of ${length} tokens from seed ${seed}, each with a question and its answer`,
    talks: `${talks.count} texts of ${talks.length} tokens from seed ${talks.seed}, each with ${talks.turns} questions in turn`,
    weights_sha256: weightsHash(values.model),
  };
  writeFileSync(new URL('calibration.safetensors', folderOf(values.model)), writeSafetensors(tensors, metadata));
  process.stdout.write(`${[...tensors].map(([name, { shape }]) => `${name} [${shape.join(', ')}]`).join('\n')}\n`);
});
