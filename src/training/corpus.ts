/**
 * Writes the training corpus: `node src/training/corpus.ts --out runs/corpus.bin --tokens 40000000 --seed 1`.
 *
 * Format: uint32 length of a JSON header, the header {vocabulary, stop, kinds, classes: {name: [first, end)}, buckets: [{length, count}]},
 * then for each sequence length uint16: token id | kind of the question << 10 | 0x8000 where the token belongs to an
 * answer; then as many uint16: 1 + the position in the text that tells an answer's token, or 0. Sequences are padded with
 * <pad> (id 0). The class ranges let train.py permute names within a document.
 */
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { kinds } from '../engine/world/facts.ts';
import { exchangeable, vocabulary } from '../engine/world/vocabulary.ts';
import { exercise } from './exercise.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'runs/corpus.bin' },
    tokens: { type: 'string', default: '40000000' },
    seed: { type: 'string', default: '1' },
    // Facts that compete teach matching; texts with few of them teach heads to rest. Matching must come first.
    sparse: { type: 'string', default: '0.5' },
  },
});

/** Sequence lengths and the share of all tokens that each gets. The longest leaves room for questions after 1,024 tokens. */
const buckets = [
  [96, 0.08],
  [160, 0.2],
  [288, 0.32],
  [544, 0.24],
  [1184, 0.16],
] as const;

const classRange = (words: readonly string[]) => [
  vocabulary.indexOf(words[0]!),
  vocabulary.indexOf(words[0]!) + words.length,
];

const counts = buckets.map(([length, share]) => ({
  length,
  count: Math.max(1, Math.round((Number(values.tokens) * share) / length)),
}));
const header = Buffer.from(
  JSON.stringify({
    vocabulary: vocabulary.length,
    stop: vocabulary.indexOf('.'),
    kinds,
    classes: Object.fromEntries(Object.entries(exchangeable).map(([name, words]) => [name, classRange(words)])),
    buckets: counts,
  }),
);

mkdirSync(dirname(values.out), { recursive: true });
const file = createWriteStream(values.out);
const size = Buffer.alloc(4);
size.writeUInt32LE(header.length);
file.write(size);
file.write(header);
let seed = Number(values.seed) * 100_000_000;
for (const { length, count } of counts) {
  for (let i = 0; i < count; i++) {
    const { ids, answerOf, sourceOf } = exercise(seed++, length, Number(values.sparse));
    const row = new Uint16Array(2 * length);
    ids.forEach((id, at) => {
      row[at] = id | (answerOf[at]! < 0 ? 0 : 0x8000 | (answerOf[at]! << 10));
      row[length + at] = sourceOf[at]! + 1;
    });
    if (!file.write(Buffer.from(row.buffer))) await once(file, 'drain');
  }
}
file.end();
