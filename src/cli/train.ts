/**
 * The whole path to the shipped weights: corpus, training in stages, export, evaluation.
 *
 *     npm run train [-- --processes 2]
 *
 * Needs a Python with PyTorch (PYTHON, else /usr/bin/python3; on Debian: python3-torch, and libopenblas0-pthread, without which it is 25 times
 * slower). On a CPU it starts one process a core; on a GPU give --processes 1 --tokens 32768. It can be stopped at any time: it saves every
 * 250 steps to runs/harbour/state.pt and goes on from there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { processes: { type: 'string', default: '2' }, tokens: { type: 'string', default: '2048' } },
});

/** Short texts first, which teach matching at a fifth of the price; then longer ones, while the rate falls; then a short second fall. */
const stages = [
  { until: 2500, steps: 10500, decay: 0.4, longest: 288 },
  { until: 4500, steps: 10500, decay: 0.4, longest: 544 },
  { until: 8000, steps: 8000, decay: 0.42, longest: 1184 },
  { until: 9000, steps: 9000, decay: 0.555, longest: 1184 },
] as const;

const python = process.env['PYTHON'] ?? '/usr/bin/python3';
const world = Number(values.processes);

function must(command: string, args: string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args[0] ?? ''} failed.`);
}

const oneProcess = (rank: number, { until, steps, decay, longest }: (typeof stages)[number]) =>
  new Promise<void>((resolve, reject) => {
    const env = {
      ...process.env,
      RANK: String(rank),
      WORLD_SIZE: String(world),
      MASTER_ADDR: '127.0.0.1',
      MASTER_PORT: '29511',
      OMP_NUM_THREADS: '1',
      OPENBLAS_NUM_THREADS: '1',
    };
    const args = [
      'src/training/train.py',
      '--corpus',
      'runs/corpus.bin',
      '--heldout',
      'runs/heldout.bin',
      '--out',
      'runs/harbour',
      '--tokens',
      values.tokens,
      '--evaluate-every',
      '250',
      '--steps',
      String(steps),
      '--decay',
      String(decay),
      '--longest',
      String(longest),
      '--until',
      String(until),
    ];
    spawn(python, args, { stdio: 'inherit', env }).once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Process ${rank} ended with ${code}.`));
    });
  });

const corpus = (out: string, tokens: string, seed: string) => {
  if (!existsSync(out))
    must(process.execPath, ['src/training/corpus.ts', '--out', out, '--tokens', tokens, '--seed', seed]);
};

corpus('runs/corpus.bin', '60000000', '2');
corpus('runs/heldout.bin', '1500000', '9');
for (const stage of stages) await Promise.all(Array.from({ length: world }, (_, rank) => oneProcess(rank, stage)));
must(process.execPath, ['src/training/export.ts']);
must(process.execPath, ['src/training/reference.ts']);
must(process.execPath, ['src/cli/evaluate.ts', '--out', 'public/data/evaluation.json']);
