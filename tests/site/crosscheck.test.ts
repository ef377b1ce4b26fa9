import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSafetensors } from '../../src/engine/model/safetensors.ts';
import { modelId } from '../../src/state/models.ts';
import type { Crosscheck } from '../../src/training/crosscheck.ts';
import { dist } from './dist.ts';

const { weights_sha256: checked } = JSON.parse(readFileSync(join(dist, 'data/crosscheck.json'), 'utf8')) as Crosscheck;
const weights = readFileSync(join(dist, `models/${modelId}/model.safetensors`));

test('the model page says whether the weights that were checked are those it ships', () => {
  const page = readFileSync(join(dist, 'model/index.html'), 'utf8');
  const same = createHash('sha256').update(weights).digest('hex') === checked;
  expect(page).toContain(same ? 'the weights that this page ships' : 'This check is of other weights');
  expect(page).not.toContain(same ? 'This check is of other weights' : 'the weights that this page ships');
});

test('the model page names all that methods learned of the model, and how large it is', () => {
  const page = readFileSync(join(dist, 'model/index.html'), 'utf8');
  const file = readFileSync(join(dist, `models/${modelId}/calibration.safetensors`));
  const { tensors, metadata } = readSafetensors(file);
  expect(tensors.size).toBeGreaterThan(5);
  for (const name of tensors.keys()) expect(page).toContain(`>${name}</code>`);
  expect(page).toContain(metadata['texts']);
  expect(page).toContain(`${file.length.toLocaleString('en')} bytes`);
});
