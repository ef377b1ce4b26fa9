/**
 * Measures what some methods must know of a model beforehand, and writes it beside the weights:
 *
 *     npm run --silent calibrate -- [--texts 48] [--length 512] [--seed 4000000] [--entries 16] [--model DIR]
 *
 * `query_centers` and `query_norms`: where the queries of each head point before rotation, and how long they are (TriAttention). `eviction_error`: how
 * much the output of a layer's attention changes for questions and answers when SnapKV leaves `entries` of the text to every head, as a share of all
 * layers' (CompressKV). Texts are those of the site, from seeds that training and `evaluate` never use, with a question and its answer behind each.
 * Writes calibration.safetensors, whose metadata say how and of which weights, and prints the metadata as JSON.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { calibrate } from '../engine/measure/calibrate.ts';
import { calibrationTensors } from '../engine/model/calibration.ts';
import { Model } from '../engine/model/model.ts';
import { kernels } from '../engine/kernels/index.ts';
import { writeSafetensors } from '../engine/model/safetensors.ts';
import { seededPrompt } from '../engine/prompt.ts';
import { integerOf, main } from './fail.ts';
import { calibrationName, folderOf, modelFile } from './load.ts';

await main('calibrate', () => {
  const { values } = parseArgs({
    options: {
      texts: { type: 'string', default: '48' },
      length: { type: 'string', default: '512' },
      seed: { type: 'string', default: '4000000' },
      entries: { type: 'string', default: '16' },
      model: { type: 'string' },
    },
  });
  const file = modelFile(values.model);
  // What was measured before must not matter, and may be of other weights.
  const model = new Model({ ...file, calibration: undefined }, kernels());
  const texts = integerOf('texts', values.texts, 1, 10_000);
  const length = integerOf('length', values.length, 64, 1024);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const entries = integerOf('entries', values.entries, 2, 1024);
  const prompts = Array.from({ length: texts }, (_, i) =>
    seededPrompt(model.vocabulary, seed + i, { length }, i, 'later'),
  );
  const metadata = {
    made_by: 'npm run calibrate',
    weights_sha256: createHash('sha256').update(file.weights).digest('hex'),
    texts: `${texts} generated texts of ${length} tokens, each with a question and its answer; seeds ${seed} to ${seed + texts - 1}`,
    eviction_error: `snapkv leaves ${entries} entries of the text to every head`,
  };
  const bytes = writeSafetensors(calibrationTensors(calibrate(model, prompts, entries)), metadata);
  writeFileSync(new URL(calibrationName, folderOf(values.model)), bytes);
  console.log(JSON.stringify(metadata, null, 1));
});
