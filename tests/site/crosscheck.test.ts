import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
