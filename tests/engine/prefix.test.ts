import { describe, expect, test, vi } from 'vitest';
import { KVCache } from '../../src/engine/cache/kv-cache.ts';
import { Store } from '../../src/engine/cache/store.ts';
import { readingWork } from '../../src/engine/measure/work.ts';
import { QueryLog } from '../../src/engine/model/query-log.ts';
import { Rope } from '../../src/engine/model/rope.ts';
import { Prefix } from '../../src/engine/prefix.ts';
import { seededPrompt, typedPrompt, type Prompt } from '../../src/engine/prompt.ts';
import { every, facts, range, stepFacts } from './facts.ts';
import { compare, config, engineOf, largestDifference, shortPrompt, vocabulary } from './harbour.ts';

const engine = engineOf();
const { model } = engine;
const { store } = model;
const { headDim, heads, layers } = config;
const lanes = ['full', 'h2o', 'snapkv+every(n=2)', 'tova+merge+compact', 'kivi', 'quest(top=2)'];

type Rows = readonly Float32Array[];
const rowsOf = (cache: KVCache, side: 'key' | 'value', head: number): Rows =>
  range(cache.count(head)).map((entry) => store[side](cache.row(head, entry)).slice());
const queriesOf = (log: QueryLog, layer: number, tokens: number): Rows =>
  range(tokens).map((token) => model.kernels.heap.floats(log.at(layer, token), heads * headDim).slice());

/** All that a prefix holds. */
const contents = ({ cache, queries }: Prefix) => ({
  keys: range(16).map((head) => rowsOf(cache, 'key', head)),
  values: range(16).map((head) => rowsOf(cache, 'value', head)),
  queries: range(layers).map((layer) => queriesOf(queries, layer, cache.length)),
  tokens: range(16).map((head) => [...cache.tokens(head)]),
  positions: range(16).map((head) => [...cache.positions(head)]),
  slots: range(16).map((head) => [...cache.slots(head)]),
});

/** Two prompts that differ only in how they are read. */
const pairs = (['later', 'visible'] as const).flatMap((when) =>
  [125, 128, 129].map((length) => ({
    when,
    length,
    whole: shortPrompt(3, when, { length }),
    warm: shortPrompt(3, when, { length, reading: 'warm' }),
  })),
);

describe('a prefix hit', () => {
  test.each(pairs)(
    'takes over the full blocks of the text: $length tokens, question $when',
    ({ when, whole, warm }) => {
      const n = warm.compressedAt;
      const prefix = new Prefix(model, warm);
      // The last token is computed again whatever happens. With the question behind it, that is not the text's.
      const reused = when === 'later' ? Math.floor((n - 1) / 16) * 16 : Math.floor(warm.textLength / 16) * 16;
      expect({ reused: prefix.reused, spliced: prefix.spliced }).toEqual({ reused, spliced: 0 });
      // The question's last token has a vote: it is read once, and not kept.
      const votes = warm.judgedAt - n && readingWork(config, every(16, n), warm.judgedAt - n, 1);
      expect(prefix.work).toBe(readingWork(config, every(16, reused), n - reused, 1) + votes);
      const before = new Prefix(model, whole);
      expect(contents(prefix)).toEqual(contents(before));
      expect({ reused: before.reused, work: before.work }).toEqual({
        reused: 0,
        work: readingWork(config, every(16, 0), n, 1) + votes,
      });
      for (const each of [prefix, before]) each.release();
    },
  );

  test.each(pairs)('answers as if all had been read, to the last bit: $length tokens, question $when', (pair) => {
    const [whole, warm] = [pair.whole, pair.warm].map((prompt) => {
      const prepared = engine.prepare(prompt);
      const runs = compare(engine, prepared, lanes, 0.25);
      engine.release(prepared);
      return runs.map((run) => {
        const { work, ...rest } = facts(run);
        return { ...rest, decode: work.decode };
      });
    });
    expect(warm).toEqual(whole);
  });

  test('shows: adopted first, block by block, and the rest is read', () => {
    const prefix = new Prefix(model, shortPrompt(3, 'later', { reading: 'warm' }));
    const [first, ...rest] = prefix.events;
    expect(first).toEqual({ type: 'adopt', to: 112 });
    expect(rest.slice(0, 7)).toEqual(
      range(7).map((index) => ({ type: 'allocate', index, block: prefix.cache.blocks[index] })),
    );
    expect(rest.slice(7).map(({ type }) => type)).toEqual(['tick', 'allocate', 'append', 'tick']);
    expect(rest.at(-2)).toEqual({ type: 'append', from: 112, to: 128, slot: 112 });
    prefix.release();
  });

  // 128 tokens take eight blocks. The earlier request fills eight; this one shares seven of them, and takes one of its own.
  test('shares blocks, and does not copy them', () => {
    const prompt = shortPrompt(3, 'later', { reading: 'warm' });
    const allocate = vi.spyOn(Store.prototype, 'allocate');
    const copyBlock = vi.spyOn(Store.prototype, 'copyBlock');
    const share = vi.spyOn(store.pool, 'share');
    const shared: number[][] = [];
    const adopts = KVCache.prototype.adopt;
    const adopt = vi.spyOn(KVCache.prototype, 'adopt').mockImplementation(function (this: KVCache, other, tokens) {
      adopts.call(this, other, tokens);
      shared.push(
        this.blocks.map((block) => store.pool.references(block)),
        this.blocks.map((block, index) => other.blocks[index]! - block),
      );
    });
    const prefix = new Prefix(model, prompt);
    expect(shared).toEqual([every(7, 2), every(7, 0)]);
    expect(share).toHaveBeenCalledTimes(7);
    expect(allocate).toHaveBeenCalledTimes(9);
    expect(copyBlock).not.toHaveBeenCalled();
    for (const spy of [allocate, copyBlock, share, adopt]) spy.mockRestore();
    // The earlier request is over: its blocks are this one's alone.
    expect(prefix.cache.blocks.map((block) => store.pool.references(block))).toEqual(every(8, 1));
    prefix.release();
  });

  test('finds nothing in a text of fewer than 17 tokens, nor behind another beginning', () => {
    const short = typedPrompt(vocabulary, 'It rained. '.repeat(5), 'Where?', 'later', 'warm');
    expect(short.compressedAt).toBe(16);
    const prompts: Pick<Prompt, 'tokens' | 'compressedAt' | 'judgedAt' | 'textLength' | 'splicedAt' | 'earlier'>[] = [
      short,
      { ...short, tokens: range(64, 4), compressedAt: 60, judgedAt: 60, textLength: 60, earlier: [3, ...range(64, 5)] },
    ];
    for (const prompt of prompts) {
      const prefix = new Prefix(model, prompt);
      expect([prefix.reused, prefix.cache.length]).toEqual([0, prompt.compressedAt]);
      expect(prefix.events[0]!.type).not.toBe('adopt');
      prefix.release();
    }
  });

  test('ends where the texts part, at a full block', () => {
    const tokens = range(104, 4);
    const prefix = new Prefix(model, {
      tokens,
      compressedAt: 100,
      judgedAt: 100,
      textLength: 100,
      splicedAt: undefined,
      earlier: [...tokens.slice(0, 50), 3, ...tokens.slice(51)],
    });
    const alone = new Prefix(model, {
      tokens,
      compressedAt: 100,
      judgedAt: 100,
      textLength: 100,
      splicedAt: undefined,
      earlier: undefined,
    });
    expect(prefix.reused).toBe(48);
    expect(contents(prefix)).toEqual(contents(alone));
    for (const each of [prefix, alone]) each.release();
  });
});

describe('a spliced chunk', () => {
  const prompt = shortPrompt(3, 'later', { reading: 'spliced' });
  const start = prompt.splicedAt!;
  const chunk = prompt.tokens.slice(start, prompt.compressedAt);

  /** The chunk behind a <bos> of its own. */
  function readAlone() {
    const cache = new KVCache(store);
    const queries = new QueryLog(config, model.kernels.heap);
    cache.append(chunk.length + 1);
    queries.reserve(chunk.length + 1);
    model.forward([{ cache, tokens: [config.bos, ...chunk], queries }]);
    return { cache, queries };
  }

  /** Vectors turned by so many positions. */
  const turned = (rows: Rows, by: number) =>
    rows.map((row) => {
      const copy = row.slice();
      new Rope(headDim, config.ropeTheta).rotate(copy, 0, copy.length / headDim, by);
      return copy;
    });

  test('begins at the sentence that is nearest to the middle of the text', () => {
    expect(prompt.words[start - 1]).toBe('.');
    const starts = range(prompt.textLength, 2).filter((i) => prompt.words[i - 1] === '.');
    expect(Math.abs(start - 64)).toBe(Math.min(...starts.map((at) => Math.abs(at - 64))));
  });

  test('has the keys that it has alone, turned to their new place, and its values as they are', () => {
    const prefix = new Prefix(model, prompt);
    expect([prefix.spliced, prefix.reused, prefix.cache.length]).toEqual([128 - start, 0, 128]);
    const alone = readAlone();
    const first = new Prefix(model, { ...prompt, compressedAt: start, splicedAt: undefined });
    const [whole, beginning] = [contents(prefix), contents(first)];
    for (const head of range(16)) {
      const [keys, values] = [rowsOf(alone.cache, 'key', head), rowsOf(alone.cache, 'value', head)];
      // Behind its own <bos> the chunk's first token stood at 1.
      expect(whole.keys[head]).toEqual([...beginning.keys[head]!, ...turned(keys.slice(1), start - 1)]);
      expect(whole.values[head]).toEqual([...beginning.values[head]!, ...values.slice(1)]);
      expect(whole.positions[head]).toEqual(range(128));
      expect(whole.tokens[head]).toEqual(range(128));
    }
    for (const layer of range(layers)) {
      const queries = queriesOf(alone.queries, layer, chunk.length + 1).slice(1);
      expect(whole.queries[layer]).toEqual([...beginning.queries[layer]!, ...turned(queries, start - 1)]);
    }
    for (const each of [prefix, first, alone.cache, alone.queries]) each.release();
  });

  test('that is not turned keeps the keys of its old place, which are others', () => {
    const alone = readAlone();
    const [naive, right] = [false, true].map((turn) => {
      const cache = new KVCache(store);
      cache.append(start);
      model.forward([{ cache, tokens: prompt.tokens.slice(0, start) }]);
      cache.splice(alone.cache, 1, chunk.length + 1, turn);
      return cache;
    });
    for (const head of range(16)) {
      const [kept, moved] = [rowsOf(naive!, 'key', head).slice(start), rowsOf(right!, 'key', head).slice(start)];
      expect(kept).toEqual(rowsOf(alone.cache, 'key', head).slice(1));
      expect(turned(kept, start - 1)).toEqual(moved);
      kept.forEach((key, i) => expect(largestDifference(key, moved[i]!)).toBeGreaterThan(0.01));
      expect(rowsOf(naive!, 'value', head)).toEqual(rowsOf(right!, 'value', head));
    }
    for (const each of [naive!, right!, alone.cache, alone.queries]) each.release();
  });

  // Without a token of its own in front of it, the first token of a text is read alone and then spliced behind it: <bos> sees nothing but itself.
  test('is not what the text would have been, and costs no look at what stands before it', () => {
    const [spliced, whole] = [new Prefix(model, prompt), new Prefix(model, shortPrompt(3))];
    const [one, other] = [contents(spliced), contents(whole)];
    expect(one.keys.map((rows) => rows.slice(0, start))).toEqual(other.keys.map((rows) => rows.slice(0, start)));
    // In the first layer a key knows nothing of other tokens; later ones do.
    const apart = range(layers).map((layer) =>
      largestDifference(one.values[layer * 4]!.at(-1)!, other.values[layer * 4]!.at(-1)!),
    );
    expect(apart[0]).toBe(0);
    for (const difference of apart.slice(1)) expect(difference).toBeGreaterThan(0);
    expect(spliced.work).toBe(
      readingWork(config, every(16, 0), start, 1) + readingWork(config, every(16, 0), chunk.length + 1, 1),
    );
    for (const each of [spliced, whole]) each.release();
  });

  test('shows as one tick, behind those of what was read in its place', () => {
    const prefix = new Prefix(model, prompt);
    const splice = prefix.events.findIndex(({ type }) => type === 'splice');
    expect(prefix.events[splice]).toEqual({ type: 'splice', from: start, to: 128, slot: start });
    expect(prefix.events.filter(({ type }) => type === 'tick')).toHaveLength(Math.ceil(start / 16) + 1);
    expect(prefix.events.slice(splice + 1).map(({ type }) => type)).toEqual(['tick']);
    prefix.release();
  });

  // Attention of a query to a key depends on how far apart they stand: turned alike, both give what they gave alone.
  test('scores: its queries look at its keys as they did when it was alone', () => {
    const prepared = engine.prepare(prompt);
    const alone = readAlone();
    const { prefix } = prepared;
    for (const layer of range(layers)) {
      for (const kvHead of range(4)) {
        const dots = (cache: KVCache, log: QueryLog, from: number) => {
          const keys = rowsOf(cache, 'key', layer * 4 + kvHead).slice(from);
          const queries = queriesOf(log, layer, from + chunk.length).slice(from);
          return queries.flatMap((query, i) =>
            keys.slice(0, i + 1).map((key) => key.reduce((sum, x, c) => sum + x * query[kvHead * 2 * headDim + c]!, 0)),
          );
        };
        const here = dots(prefix.cache, prefix.queries, start);
        const there = dots(alone.cache, alone.queries, 1);
        expect(largestDifference(here, there)).toBeLessThan(2e-3);
        expect(Math.max(...here.map(Math.abs))).toBeGreaterThan(1);
      }
    }
    for (const each of [alone.cache, alone.queries]) each.release();
    // What rules see adds up: each of the last 16 tokens gives 1 to all that it may see.
    for (const sums of prepared.views[2]!.attentionSums(16)) expect(sums.reduce((a, b) => a + b, 0)).toBeCloseTo(16, 4);
    for (const run of compare(engine, prepared, lanes, 0.25)) {
      expect(run.steps.every(({ logits }) => logits.every(Number.isFinite))).toBe(true);
    }
    engine.release(prepared);
  });

  // Once, a visible question was part of the chunk, and saw nothing of what stands before it.
  test('ends with the text: a question that is visible already is read behind it', () => {
    const asked = shortPrompt(3, 'visible', { reading: 'spliced' });
    const [prefix, textAlone] = [new Prefix(model, asked), new Prefix(model, prompt)];
    expect([asked.compressedAt > 128, prefix.spliced, prefix.cache.length]).toEqual([
      true,
      128 - start,
      asked.compressedAt,
    ]);
    // By hand: the text with its chunk, and then the question's tokens in their place.
    const cache = new KVCache(store);
    cache.fork(textAlone.cache);
    const question = asked.tokens.slice(128, asked.compressedAt);
    cache.append(question.length);
    model.forward([{ cache, tokens: question }]);
    for (const head of range(16)) {
      expect(rowsOf(prefix.cache, 'key', head)).toEqual(rowsOf(cache, 'key', head));
      expect(rowsOf(prefix.cache, 'value', head)).toEqual(rowsOf(cache, 'value', head));
    }
    expect(prefix.events.slice(-2)).toEqual([
      { type: 'append', from: 128, to: asked.compressedAt, slot: 128 },
      { type: 'tick', phase: 'read' },
    ]);
    const vote = readingWork(config, every(16, asked.compressedAt), 1, 1);
    expect(prefix.work - textAlone.work).toBe(readingWork(config, every(16, 128), question.length, 1) + vote);
    for (const each of [prefix, textAlone, cache]) each.release();
  });

  test('of a text of one sentence is the text itself', () => {
    const read = (['whole', 'spliced'] as const).map((reading) => {
      const prepared = engine.prepare(typedPrompt(vocabulary, 'It rained', 'Where did it rain?', 'later', reading));
      const [run] = compare(engine, prepared, ['full'], 1);
      engine.release(prepared);
      return { spliced: prepared.prefix.spliced, steps: run!.steps.map(stepFacts) };
    });
    expect(read[1]).toEqual(read[0]);
    expect(read[0]!.spliced).toBe(0);
  });

  test('of each generated text begins in its middle third', () => {
    for (const seed of range(20)) {
      const { splicedAt, textLength } = seededPrompt(vocabulary, seed, { length: 256, reading: 'spliced' }, 0, 'later');
      expect(splicedAt).toBeGreaterThan(textLength / 3);
      expect(splicedAt).toBeLessThan((2 * textLength) / 3);
    }
  });
});
