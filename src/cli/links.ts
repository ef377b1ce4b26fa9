/**
 * Records what published links show, so that a later change cannot alter them unseen:
 *
 *     npm run links               checks tests/state/published-links.json, and says what has changed
 *     npm run links -- --write    records it anew, on purpose; until release 1.0 the commit says why
 *
 * For every link: of each lane the kept positions of every head, the answers and the bytes; and a digest of all lanes' frames at three ticks. For a
 * curve, its points. Answers follow from floats: a machine that rounds otherwise would differ, which is why WebAssembly's exact arithmetic is used.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import { heldTokens, type Frame } from '../engine/timeline.ts';
import { Comparer, type Shown } from '../state/compare.ts';
import { curve } from '../state/curve.ts';
import { Film } from '../state/film.ts';
import { readLink } from '../state/link.ts';
import type { ModelId } from '../state/models.ts';
import { main } from './fail.ts';
import { loadEngine } from './load.ts';

const file = new URL('../../tests/state/published-links.json', import.meta.url);

export interface Published {
  /** Path and query, from the site's root. */
  readonly link: string;
  readonly shows: unknown;
}

export const published = (): Published[] => JSON.parse(readFileSync(file, 'utf8')) as Published[];

/** Ascending numbers as ranges: "0-3 17 20-25". */
function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; i++) {
    const from = numbers[i]!;
    while (numbers[i + 1] === numbers[i]! + 1) i++;
    parts.push(numbers[i] === from ? `${from}` : `${from}-${numbers[i]!}`);
  }
  return parts.join(' ');
}

/** Of heads that keep the same, the first speaks. */
const keptBy = (frame: Frame, tokens: number, upTo: number) => {
  const heads = [...frame.beside.keys()].map((head) =>
    ranges(heldTokens(frame, tokens, head).filter((token) => token < upTo)),
  );
  return new Set(heads).size === 1 ? heads[0] : heads;
};

function digest(frames: readonly Frame[]): string {
  const hash = createHash('sha256');
  for (const { keyBits, valueBits, overhead, slot, blocks, answer, attention, read } of frames) {
    hash.update(JSON.stringify([read, answer, attention?.positions, attention?.weights]));
    for (const part of [keyBits, valueBits, overhead, slot, blocks]) {
      hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function comparison(shown: Shown) {
  const film = new Film(shown);
  const compressed = Math.ceil(film.ticks / 2);
  return {
    lanes: shown.lanes.map(({ lane, bytes, outcome }, i) => ({
      lane,
      answers: outcome!.turns.map(({ answer }) => answer.join(' ')),
      right: outcome!.right ?? null,
      live: bytes.live,
      allocated: bytes.allocated,
      kept: keptBy(film.at(film.ticks)[i]!, shown.shape.tokens, shown.prompt.compressedAt),
    })),
    frames: Object.fromEntries([8, compressed, film.ticks].map((tick) => [tick, digest(film.at(tick))])),
  };
}

/** A model that links name, loaded once. */
const loaded = new Map<ModelId, { readonly engine: Engine; readonly comparer: Comparer }>();
function modelOf(id: ModelId) {
  const known = loaded.get(id);
  if (known) return known;
  const engine = loadEngine(undefined, `public/models/${id}`);
  const model = { engine, comparer: new Comparer(engine) };
  loaded.set(id, model);
  return model;
}

/** What a link shows now. */
export function showing(link: string): unknown {
  const [path = '', query = ''] = link.split('?');
  const { view, problems } = readLink(query);
  if (problems.length) throw new Error(`${link}: ${problems.join(' ')}`);
  const { engine, comparer } = modelOf(view.model);
  if (path !== 'figure/curve/') return comparison(comparer.compare(view));
  const points = [...curve(engine, view, view.texts)].at(-1)!;
  return points.map(({ lane, keep, right, n, live }) => [lane, keep, right, n, Math.round(1e6 * live) / 1e6]);
}

if (import.meta.main) {
  await main('links', () => {
    const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
    const now = published().map(({ link }) => ({ link, shows: showing(link) }));
    const changed = published().filter(({ shows }, i) => JSON.stringify(shows) !== JSON.stringify(now[i]!.shows));
    for (const { link } of changed) console.log(`changed: ${link}`);
    if (values.write) writeFileSync(file, `${JSON.stringify(now, undefined, 1)}\n`);
    else if (changed.length) throw new Error(`${changed.length} of ${now.length} links show something else`);
    console.log(`${now.length} links, ${changed.length} ${values.write ? 'recorded anew' : 'changed'}`);
  });
}
