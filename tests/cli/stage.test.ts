import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findings, type Stage } from '../../src/components/stage.ts';
import { modelId } from '../../src/state/models.ts';

const stored = JSON.parse(readFileSync('public/data/stage.json', 'utf8')) as Stage;

// The whole of it takes minutes; one question of each kind shows that it runs, and what cannot be chance.
test('the stage is measured on the shipped weights: heads rest on the first token, and none decides alone', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['src/cli/stage.ts', '--questions', '1'], {
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const stage = JSON.parse(stdout) as Stage;
  const weights = readFileSync(`public/models/${modelId}/model.safetensors`);
  expect(stage.weights_sha256).toBe(createHash('sha256').update(weights).digest('hex'));
  expect(Object.keys(stage)).toEqual(Object.keys(stored));
  const resting = stage.bos.slice(1).flat();
  expect(resting.filter((share) => share >= 0.3).length).toBeGreaterThan(resting.length / 2);
  expect(Math.min(...stage.without.flat())).toBeGreaterThan(0);
  expect(stage.removed.length).toBeGreaterThanOrEqual(4);
  expect(stage.lanes.visible['oracle']!.map(([right]) => right)).toEqual(stage.budgets.map(() => 100));
});

test('what the site shows of the stage is of the weights that it ships, and of enough questions', () => {
  const weights = readFileSync(`public/models/${modelId}/model.safetensors`);
  expect(stored.weights_sha256).toBe(createHash('sha256').update(weights).digest('hex'));
  expect(stored.questions).toBeGreaterThanOrEqual(300);
});

// Rankings that are made up, each just on one side of its rule.
test('an order is shown only where the intervals lie apart', () => {
  const lane = (right: number, low: number, high: number) => stored.budgets.map(() => [right, low, high] as const);
  const lanes = {
    snapkv: lane(80, 75, 85),
    h2o: lane(60, 55, 65),
    tova: lane(50, 45, 55),
    'streaming-llm': lane(30, 25, 35),
    random: lane(10, 5, 15),
    knorm: lane(20, 16, 24),
  };
  const made = (later: number, random: Stage['lanes']['visible'], none: number, channel: number) =>
    findings({
      ...stored,
      lanes: { visible: random, later: { ...lanes, snapkv: lane(later, later, later), h2o: lane(60, 55, 65) } },
      sinks: { four: { kl: 0.1, right: 100 }, none: { kl: none, right: 100 }, n: 10 },
      keys: { kivi: channel, 'kivi(channels=false)': 80 },
    }).map(({ shown }) => shown);
  expect(made(60, lanes, 0.5, 90)).toEqual([true, true, true, true, true]);
  const touching = { ...lanes, h2o: lane(70, 60, 75) };
  expect(made(61, touching, 0.49, 89)).toEqual([false, false, false, true, false]);
});
