/**
 * The whole path to trained weights: two corpora, training in stages, export, reference logits, evaluation.
 *
 *     npm run train
 *
 * Needs a Python with PyTorch (PYTHON, else python3). It can be stopped at any time: it saves every 250 steps to the state.pt of its run and goes on from
 * there. On one core of a desktop machine it takes about three and a half hours.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Matching comes first: texts in which many facts compete, and heads that are told where to look. Where facts are few, a model learns to answer with
 * whatever fact of the right kind it finds, and never leaves that. Sinks, silent heads and texts with much filler come when it can match; then longer
 * texts, while the rate falls. Runs of their own go on from there: keys of one length and firmer sinks, and long texts; then whole answers in view of the
 * question, and reading layers that fall silent as a whole, so that either can answer; and long texts again.
 */
const stages = [
  {
    run: 'harbour',
    corpus: 'dense',
    until: 2500,
    options:
      '--tokens 4096 --steps 10500 --decay 0.4 --longest 288 --pointing 2.4 --point-share 0.98 --no-early --sink 0 --drop 0',
  },
  {
    run: 'harbour',
    corpus: 'corpus',
    until: 6500,
    options:
      '--tokens 2048 --steps 17500 --decay 0.45 --longest 288 --sink 0.03 --drop 0.1 --rate 1.5e-3 --muon-rate 1.5e-2',
  },
  {
    run: 'harbour',
    corpus: 'corpus',
    until: 10500,
    options:
      '--tokens 2048 --steps 14500 --decay 0.45 --longest 544 --sink 0.05 --drop 0.15 --rate 1.5e-3 --muon-rate 1.5e-2',
  },
  {
    run: 'harbour',
    corpus: 'corpus',
    until: 12700,
    options:
      '--tokens 2048 --steps 12700 --decay 0.3 --longest 1184 --sink 0.05 --drop 0.15 --rate 1.2e-3 --muon-rate 1.2e-2',
  },
  {
    run: 'even',
    corpus: 'corpus',
    until: 4000,
    options:
      '--from-weights runs/harbour/model.safetensors --tokens 2048 --steps 4000 --decay 0.6 --longest 544 --reading 1 2 3 --pointing 1 --pointing-end 0.5 --sink 0.06 --sink-share 0.8 --even 0.3 --rate 1.5e-3 --muon-rate 1.5e-2',
  },
  {
    run: 'long',
    corpus: 'corpus',
    until: 1900,
    options:
      '--from-weights runs/even/model.safetensors --tokens 2368 --steps 1900 --decay 0.7 --longest 1184 --pointing 0.6 --sink 0.06 --sink-share 0.8 --even 0.3 --rate 1.2e-3 --muon-rate 1.2e-2',
  },
  {
    run: 'either',
    corpus: 'corpus',
    until: 5500,
    options:
      '--from-weights runs/long/model.safetensors --tokens 2048 --steps 5500 --decay 0.6 --longest 544 --pointing 1 --pointing-end 0.5 --sink 0.06 --sink-share 0.8 --even 0.3 --drop 0.35 --drop-layer 0.15 --rate 1.5e-3 --muon-rate 1.5e-2',
  },
  {
    run: 'last',
    corpus: 'corpus',
    until: 1600,
    options:
      '--from-weights runs/either/model.safetensors --tokens 2368 --steps 1600 --decay 0.7 --longest 1184 --pointing 0.8 --pointing-end 0.5 --sink 0.08 --sink-share 0.85 --even 0.3 --drop 0.3 --drop-layer 0.12 --rate 1.2e-3 --muon-rate 1.2e-2',
  },
] as const;

const half = '--shape {"heads":4,"kv_heads":2,"inner":192}';

/** The second model is cut out of the first. */
const sibling = [
  {
    run: 'skiff',
    corpus: 'corpus',
    until: 3000,
    options: `${half} --from-weights public/models/harbour/model.safetensors --tokens 2048 --steps 3000 --decay 0.6 --longest 544 --pointing 1 --pointing-end 0.5 --sink 0.06 --sink-share 0.8 --even 0.3 --drop 0.2 --drop-layer 0.1 --rate 1.5e-3 --muon-rate 1.5e-2`,
  },
  {
    run: 'skiff-long',
    corpus: 'corpus',
    until: 1000,
    options: `${half} --from-weights runs/skiff/model.safetensors --tokens 2368 --steps 1000 --decay 0.8 --longest 1184 --pointing 0.8 --pointing-end 0.5 --sink 0.08 --sink-share 0.85 --even 0.3 --drop 0.2 --drop-layer 0.1 --rate 1e-3 --muon-rate 1e-2`,
  },
] as const;

/** What all stages share; the last value of an option counts. */
const shared =
  '--evaluate-every 250 --pointing 2 --pointing-end 0.3 --pointing-until 0.7 --point-share 0.9 --sink-share 0.4';

const python = process.env['PYTHON'] ?? 'python3';

function must(command: string, args: string[]): void {
  // Freed memory is kept for the next step: a fifth of the time would go into asking for it again.
  const env = {
    MALLOC_MMAP_THRESHOLD_: '2147483648',
    MALLOC_TRIM_THRESHOLD_: '4294967296',
    MALLOC_TOP_PAD_: '268435456',
  };
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env, OMP_NUM_THREADS: '1' },
  });
  if (status !== 0) throw new Error(`${command} ${args[0] ?? ''} failed.`);
}

const corpus = (name: string, tokens: string, seed: string, sparse: string) => {
  const out = `runs/${name}.bin`;
  if (existsSync(out)) return;
  must(process.execPath, [
    'src/training/corpus.ts',
    '--out',
    out,
    '--tokens',
    tokens,
    '--seed',
    seed,
    '--sparse',
    sparse,
  ]);
};

corpus('dense', '60000000', '3', '0');
corpus('corpus', '90000000', '2', '0.5');
corpus('heldout', '1500000', '9', '0.5');

type Stage = (typeof stages)[number] | (typeof sibling)[number];

function train(stage: Stage): void {
  const files = ['--corpus', `runs/${stage.corpus}.bin`, '--heldout', 'runs/heldout.bin', '--out', `runs/${stage.run}`];
  const options = `${shared} ${stage.options} --until ${stage.until}`.split(' ');
  must(python, ['src/training/train.py', ...files, ...options]);
}

function ship(path: readonly Stage[], model: string): void {
  for (const stage of path) train(stage);
  const runs = [...new Set(path.map(({ run }) => run))].flatMap((run) => ['--from', `runs/${run}`]);
  const to = `public/models/${model}`;
  must(process.execPath, ['src/training/export.ts', ...runs, '--to', to]);
  must(process.execPath, ['src/cli/calibrate.ts', '--model', to]);
}

ship(stages, 'harbour');
ship(sibling, 'skiff');
must(process.execPath, ['src/training/reference.ts']);
must(process.execPath, ['src/cli/evaluate.ts', '--out', 'public/data/evaluation.json']);
must(process.execPath, ['src/cli/stage.ts', '--questions', '60', '--store', '--out', 'public/data/stage.json']);
