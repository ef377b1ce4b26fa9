/**
 * The whole path to the shipped weights: corpus, training, export, evaluation.
 *
 *     npm run train [-- --steps 10500 --processes 2 --minutes 120]
 *
 * Needs a Python with PyTorch (PYTHON, else /usr/bin/python3; on Debian: python3-torch, and libopenblas0-pthread, without which it is 25 times
 * slower). On a CPU it starts one process a core; on a GPU give --processes 1. It can be stopped at any time and goes on from runs/harbour/state.pt.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: {
  steps: { type: 'string', default: '10500' }, processes: { type: 'string', default: '2' }, minutes: { type: 'string', default: '100000' },
  longest: { type: 'string', default: '1184' }, tokens: { type: 'string', default: '2048' },
} });

const python = process.env['PYTHON'] ?? '/usr/bin/python3';

function must(command: string, args: string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args[0] ?? ''} failed.`);
}

const one = (rank: number, world: number) => new Promise<void>((resolve, reject) => {
  const env = { ...process.env, RANK: String(rank), WORLD_SIZE: String(world), MASTER_ADDR: '127.0.0.1', MASTER_PORT: '29511', OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const args = ['src/training/train.py', '--corpus', 'runs/corpus.bin', '--heldout', 'runs/heldout.bin', '--out', 'runs/harbour',
    '--steps', values.steps, '--minutes', values.minutes, '--longest', values.longest, '--tokens', values.tokens];
  spawn(python, args, { stdio: 'inherit', env }).once('exit', (code) => { if (code === 0) resolve(); else reject(new Error(`Process ${rank} ended with ${code}.`)); });
});

if (!existsSync('runs/corpus.bin')) must(process.execPath, ['src/training/corpus.ts', '--out', 'runs/corpus.bin', '--tokens', '60000000', '--seed', '2']);
if (!existsSync('runs/heldout.bin')) must(process.execPath, ['src/training/corpus.ts', '--out', 'runs/heldout.bin', '--tokens', '1500000', '--seed', '9']);
const world = Number(values.processes);
await Promise.all(Array.from({ length: world }, (_, rank) => one(rank, world)));
must(process.execPath, ['src/training/export.ts']);
must(process.execPath, ['src/cli/evaluate.ts', '--out', 'public/data/evaluation.json']);
