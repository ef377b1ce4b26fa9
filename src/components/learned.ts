import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { slugOfEngine } from '../catalog/check.ts';
import { membersOf } from '../engine/members.ts';
import { readSafetensors } from '../engine/model/safetensors.ts';
import { modelFolder, weightsHash } from './built.ts';

/** What each tensor of calibration.safetensors is, for readers. */
const words: Readonly<Record<string, string>> = {
  q_filters: 'the direction in which the queries of a group point',
  query_centers: 'where the queries of each head point before RoPE, and how long they are',
  attention_entropy: 'over how many tokens a head spreads its attention',
  eviction_error: 'how much a head’s output suffers when it is cut to 16 entries',
  rule_cosines: 'how near a head’s output stays when each of four rules cuts it to 16 entries',
  span_attention: 'what each query head pays to the sentence that answers',
  head_scores: 'how far back a head looks',
  lookahead_gates: 'how likely the coming queries need a chunk, by what is known of it',
};

const bytes = readFileSync(join(modelFolder, 'calibration.safetensors'));
const { tensors, metadata } = readSafetensors(bytes);
const members = (['score', 'budget', 'retrieval'] as const).flatMap((role) => membersOf(role));

/** What lies beside the weights, and whether it was learned from those that the site ships. */
export const learned = {
  bytes: bytes.length,
  /** From which texts. */
  texts: metadata['texts'] ?? '',
  talks: metadata['talks'] ?? '',
  current: metadata['weights_sha256'] === weightsHash,
  tensors: [...tensors].map(([name, { shape, data }]) => {
    if (!words[name]) throw new Error(`Nothing says what ${name} of calibration.safetensors is.`);
    const by = members.filter((member) => member.learns?.name === name);
    return {
      name,
      about: words[name],
      numbers: data.length,
      shape,
      /** Methods that need it, by their entries. */
      by: by.map(({ name: id, caption }) => ({ slug: slugOfEngine(id), name: caption.name })),
    };
  }),
};
