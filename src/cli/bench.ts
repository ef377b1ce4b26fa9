/**
 * Speed and size, as ratios within one run, so that they mean something on any machine:
 *
 *     npm run bench [-- --out FILE]
 *
 * decode: tokens a second of one lane at 512 tokens with the SIMD kernels, against the plain TypeScript twin, and its multiply-accumulates a second
 * as a share of what the bare `linear` kernel does. budget: milliseconds from a new budget to new answers, 512 tokens, in 4 and 8 lanes (median, p95).
 * drag: the same in a real browser, from the slider to the words on the page (median, p95). scrub: main-thread work for a tick that is scrubbed to.
 * arrival: from navigation to the first live answer, at full speed and with the main thread four times slower (medians of five visits).
 * bytes: of every built page and its scripts, and of the model, brotli 11. Build the site first for those.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { KVCache } from '../engine/cache/kv-cache.ts';
import type { Engine } from '../engine/engine.ts';
import { kernels as fastest } from '../engine/kernels/index.ts';
import { plain } from '../engine/kernels/plain.ts';
import { parseLane } from '../engine/lane-spec.ts';
import { seededPrompt } from '../engine/prompt.ts';
import { arrive, type Arrival } from './arrival.ts';
import { dragTimes } from './drag.ts';
import { main } from './fail.ts';
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

/** One lane that reads token after token behind a prompt of 512: the pure cost of decoding. */
function decodeSpeed(engine: Engine, tokens: number): { tokensPerSecond: number; macsPerSecond: number } {
  const { model } = engine;
  const prepared = engine.prepare(seededPrompt(model.vocabulary, 7, { length: 512 }, 0, 'later'));
  const lane = new KVCache(model.store);
  lane.fork(prepared.prefix.cache);
  const rates = Array.from({ length: 7 }, () => {
    lane.truncate(512);
    const before = model.work;
    const time = seconds(() => {
      for (let i = 0; i < tokens; i++) {
        lane.append();
        model.forward([{ cache: lane, tokens: [100 + (i % 50)] }]);
      }
    });
    return { tokensPerSecond: tokens / time, macsPerSecond: (model.work - before) / time };
  });
  return rates.sort((a, b) => b.tokensPerSecond - a.tokensPerSecond)[3]!;
}

/** Multiply-accumulates a second of the bare kernel, on a matrix of the model's own shape, one row. */
function kernelSpeed(): number {
  const { heap, linear } = fastest();
  const [x, y, w] = [heap.take(128), heap.take(384), heap.take(384 * 128)];
  const rates = Array.from(
    { length: 7 },
    () =>
      (20_000 * 384 * 128) /
      seconds(() => {
        for (let i = 0; i < 20_000; i++) linear(y, x, w, 1, 128, 384);
      }),
  );
  return quantile(rates, 0.5);
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
  const kept = times.map((time) => time.kept);
  const answered = times.map((time) => time.answered);
  return { lanes: lanes.length, length, kept: spread(kept), answered: spread(answered) };
}

const spread = (times: readonly number[]) => ({
  median_ms: round(quantile(times, 0.5)),
  p95_ms: round(quantile(times, 0.95)),
});

async function dragged(dist: string, lanes: readonly string[], length: number) {
  const { words, answers } = await dragTimes(dist, lanes, length, 40);
  return { lanes: lanes.length, length, words: spread(words), answers: spread(answers) };
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
  const four = ['full', 'streaming-llm', 'h2o', 'snapkv(window=16)'];
  const six = [...four, 'snapkv(window=16)+kivi', 'random'];
  const eight = [...six, 'tova', 'knorm'];
  const start = loadEngine();
  const first = seconds(() => {
    start.compare(
      start.prepare(seededPrompt(start.model.vocabulary, 7, { length: 512 }, 0, 'later')),
      four.map((lane) => parseLane(lane).spec),
      0.25,
    );
  });
  const simd = decodeSpeed(engine, 64);
  const twin = decodeSpeed(loadEngine(plain()), 8);
  const bare = kernelSpeed();
  const report = {
    kernels: engine.model.kernels.name,
    decode: {
      tokens_per_second: round(simd.tokensPerSecond),
      plain_tokens_per_second: round(twin.tokensPerSecond),
      against_plain: round(simd.tokensPerSecond / twin.tokensPerSecond),
      macs_per_second: round(simd.macsPerSecond),
      kernel_macs_per_second: round(bare),
      share_of_kernel: round(simd.macsPerSecond / bare),
    },
    first_answer_ms: round(1000 * first),
    budget: [budgetTimes(engine, four, 512), budgetTimes(engine, six, 512), budgetTimes(engine, eight, 1024)],
    drag: existsSync(values.dist)
      ? [
          await dragged(values.dist, four, 512),
          await dragged(values.dist, six, 512),
          await dragged(values.dist, eight, 1024),
        ]
      : [],
    scrub: existsSync(values.dist) && {
      lanes: eight.length,
      length: 1024,
      ...spread(await scrubTimes(values.dist, eight, 1024, 40)),
    },
    arrival: existsSync(values.dist) ? [await arrivals(values.dist, 1), await arrivals(values.dist, 4)] : [],
    bytes: {
      model: Object.fromEntries(
        ['config.json', 'model.safetensors', 'tokenizer.json'].map((name) => [name, packed(readModelFile(name))]),
      ),
      pages: existsSync(values.dist) ? pageBytes(values.dist) : [],
    },
  };
  if (values.out) writeFileSync(values.out, `${JSON.stringify(report, null, 1)}\n`);
  console.log(JSON.stringify(report, null, 1));
});
