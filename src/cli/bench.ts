/**
 * Speed and size, as ratios within one run, so that they mean something on any machine:
 *
 *     npm run bench [-- --out FILE]
 *
 * decode, decode_four_lanes, prefill: one token of one lane at 512 tokens, one of each of four lanes in a pass, 512 tokens at once (median, p95), against
 * the plain TypeScript twin, and multiply-accumulates a second as a share of what the bare `linear` kernel does, which is measured alternately.
 * budget: milliseconds from a new budget to new answers, 512 tokens, in 4 and 8 lanes (median, p95).
 * drag: the same in a real browser, from the slider to the words on the page (median, p95).
 * scrub: processor time of the main thread for a tick that is scrubbed to, in 8 lanes at 1,024 tokens, of words and of pages (median, p95).
 * filter: work of the main thread from a click on a facet to the painted rows of the catalog, at 1,000 entries (median, p95); waiting for the frame apart.
 * arrival: from navigation to the first live answer, at full speed and with the main thread four times slower (medians of five visits).
 * bytes: of every built page and its scripts, and of the model, brotli 11. Build the site first for those.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { KVCache } from '../engine/cache/kv-cache.ts';
import type { Engine } from '../engine/engine.ts';
import { kernels as fastest } from '../engine/kernels/index.ts';
import { plain } from '../engine/kernels/plain.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { blockSize } from '../engine/paging/pool.ts';
import { seededPrompt } from '../engine/prompt.ts';
import type { Picture } from '../state/view.ts';
import { arrive, type Arrival } from './arrival.ts';
import { filterTimes } from './catalog.ts';
import { dragTimes } from './drag.ts';
import { main, tell } from './fail.ts';
import { loadEngine, readModelFile } from './load.ts';
import { scrubTimes } from './scrub.ts';

const seconds = (run: () => void): number => {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
};

const quantile = (values: readonly number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))]!;
const round = (value: number) => Number(value.toPrecision(4));

/** Median and 95th percentile of times in milliseconds. */
const spread = (times: readonly number[]) => ({
  median_ms: round(quantile(times, 0.5)),
  p95_ms: round(quantile(times, 0.95)),
});

/** Something to read, and what takes earlier readings back first, which is not timed. */
interface Run {
  readonly back: () => void;
  readonly read: () => void;
}

/** The pure cost of reading behind a prompt of 512 tokens: a token of one lane, a token in each of four lanes, and the prompt itself. */
function forwardRuns({ model }: Engine) {
  const prompt = seededPrompt(model.vocabulary, 7, { length: 512 }, 0, 'later');
  const tokens = prompt.tokens.slice(0, 512);
  const whole = new KVCache(model.store);
  const prefill: Run = {
    back: () => {
      whole.clear();
    },
    read: () => {
      whole.append(tokens.length);
      model.forward([{ cache: whole, tokens }]);
    },
  };
  prefill.read();
  const lanes = Array.from({ length: 4 }, () => new KVCache(model.store));
  for (const lane of lanes) lane.fork(whole);
  // A block of tokens one by one, and then the same again.
  const decode = (some: readonly KVCache[]): Run => ({
    back: () => {
      for (const lane of some) if (lane.length === 512 + blockSize) lane.truncate(512);
    },
    read: () => {
      for (const lane of some) lane.append();
      model.forward(some.map((cache) => ({ cache, tokens: [100] })));
    },
  });
  return { decode: decode(lanes.slice(0, 1)), decode_four_lanes: decode(lanes), prefill };
}

/** Multiply-accumulates of the bare kernel on a matrix of the model's own shape, one row, as many as a token takes. */
function bareKernel(): () => number {
  const { heap, linear } = fastest();
  const [x, y, w] = [heap.take(128), heap.take(384), heap.take(384 * 128)];
  return () => {
    for (let i = 0; i < 40; i++) linear(y, x, w, 1, 128, 384);
    return 40 * 384 * 128;
  };
}

/** Times each reading alternately with the bare kernel, and now and then with the plain twin, so that all see the same machine. */
function forwardTimes(engine: Engine) {
  const twin = loadEngine(plain());
  const [runs, plainRuns] = [forwardRuns(engine), forwardRuns(twin)];
  const bare = bareKernel();
  const measure = (name: keyof typeof runs) => {
    const times = { simd: [] as number[], plain: [] as number[], bare: [] as number[] };
    let work = 0;
    let kernelWork = 0;
    for (let i = 0; i < (name === 'prefill' ? 60 : 1000); i++) {
      runs[name].back();
      const before = engine.model.work;
      times.simd.push(1000 * seconds(runs[name].read));
      work = engine.model.work - before;
      times.bare.push(1000 * seconds(() => (kernelWork = bare())));
      if (i % 20) continue;
      plainRuns[name].back();
      times.plain.push(1000 * seconds(plainRuns[name].read));
    }
    const rate = work / quantile(times.simd, 0.5);
    return {
      ...spread(times.simd),
      against_plain: round(quantile(times.plain, 0.5) / quantile(times.simd, 0.5)),
      macs_per_second: round(1000 * rate),
      share_of_kernel: round(rate / (kernelWork / quantile(times.bare, 0.5))),
    };
  };
  return {
    decode: measure('decode'),
    decode_four_lanes: measure('decode_four_lanes'),
    prefill: measure('prefill'),
  };
}

/** Milliseconds from a new budget to what the lanes hold, and to what they answer. */
function budgetTimes(engine: Engine, lanes: readonly string[], length: number) {
  const specs = lanes.map((lane) => parseLane(lane).spec);
  const prepared = engine.prepare(seededPrompt(engine.model.vocabulary, 7, { length }, 0, 'later'));
  engine.compare(prepared, specs, 0.5);
  const times = Array.from({ length: 60 }, (_, i) => {
    const start = performance.now();
    const started = engine.start(prepared, specs, 0.05 + 0.015 * ((i * 7) % 60));
    const kept = performance.now() - start;
    started.finish();
    return { kept, answered: performance.now() - start };
  });
  engine.release(prepared);
  return {
    lanes: lanes.length,
    length,
    kept: spread(times.map(({ kept }) => kept)),
    answered: spread(times.map(({ answered }) => answered)),
  };
}

async function dragged(dist: string, lanes: readonly string[], length: number) {
  const { words, answers } = await dragTimes(dist, lanes, length, 40);
  return { lanes: lanes.length, length, words: spread(words), answers: spread(answers) };
}

async function scrubbed(dist: string, lanes: readonly string[], length: number, view: Picture) {
  return { view, lanes: lanes.length, length, ...spread(await scrubTimes(dist, lanes, length, view, 40)) };
}

async function arrivals(dist: string, slowdown: number) {
  const visits: Arrival[] = [];
  for (let i = 0; i < 5; i++) visits.push(await arrive(dist, slowdown));
  const median = (of: (visit: Arrival) => number) => round(quantile(visits.map(of), 0.5));
  return {
    slowdown,
    first_answer_ms: median(({ answer }) => answer),
    longest_task_ms: median(({ longest }) => longest),
    blocked_ms: median(({ blocked }) => blocked),
  };
}

const packed = (bytes: Buffer) => brotliCompressSync(bytes).length;

/** Every built page with the scripts that it names, followed through their imports. */
function pageBytes(dist: string): { page: string; html: number; scripts: number }[] {
  const pages = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html'))
    .sort();
  return pages.map((page) => {
    const html = readFileSync(join(dist, page));
    const found = new Set<string>();
    const follow = (text: string) => {
      for (const [, name] of text.matchAll(/([\w.-]+\.js)/g)) {
        const file = join(dist, '_astro', name!);
        if (found.has(name!) || !existsSync(file)) continue;
        found.add(name!);
        follow(readFileSync(file, 'utf8'));
      }
    };
    follow(html.toString());
    return {
      page,
      html: packed(html),
      scripts: [...found].reduce((sum, name) => sum + packed(readFileSync(join(dist, '_astro', name))), 0),
    };
  });
}

await main('bench', async () => {
  const { values } = parseArgs({ options: { out: { type: 'string' }, dist: { type: 'string', default: 'dist' } } });
  const engine = loadEngine();
  const four = ['full', 'streaming-llm', 'h2o', 'snapkv'];
  const six = [...four, 'snapkv+kivi', 'random'];
  const eight = [...six, 'tova', 'knorm'];
  const start = loadEngine();
  const first = seconds(() => {
    start.compare(
      start.prepare(seededPrompt(start.model.vocabulary, 7, { length: 512 }, 0, 'later')),
      four.map((lane) => parseLane(lane).spec),
      0.25,
    );
  });
  const report = {
    kernels: engine.model.kernels.name,
    ...forwardTimes(engine),
    first_answer_ms: round(1000 * first),
    budget: [budgetTimes(engine, four, 512), budgetTimes(engine, six, 512), budgetTimes(engine, eight, 1024)],
    drag: existsSync(values.dist)
      ? [
          await dragged(values.dist, four, 512),
          await dragged(values.dist, six, 512),
          await dragged(values.dist, eight, 1024),
        ]
      : [],
    scrub: existsSync(values.dist)
      ? [await scrubbed(values.dist, eight, 1024, 'words'), await scrubbed(values.dist, eight, 1024, 'pages')]
      : [],
    filter: existsSync(values.dist) && { entries: 1000, ...spread(await filterTimes(values.dist, 1000, 60)) },
    arrival: existsSync(values.dist) ? [await arrivals(values.dist, 1), await arrivals(values.dist, 4)] : [],
    bytes: {
      model: Object.fromEntries(
        ['calibration.safetensors', 'config.json', 'model.safetensors', 'tokenizer.json'].map((name) => [
          name,
          packed(readModelFile(name)),
        ]),
      ),
      pages: existsSync(values.dist) ? pageBytes(values.dist) : [],
    },
  };
  tell(report, values.out);
});
