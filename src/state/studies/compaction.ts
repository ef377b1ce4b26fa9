import type { Engine, LaneRun } from '../../engine/engine.ts';
import { parseLane } from '../../engine/lane-spec.ts';
import { compact, inOrder, intoHoles, outOfOrder, type Compaction } from '../../engine/paging/compaction.ts';
import { blockSize } from '../../engine/paging/pool.ts';
import { seededPrompt } from '../../engine/prompt.ts';
import { numberBytes } from '../../engine/room.ts';
import { defaultsOf, number, numberOr, oneOf, type FieldsOf } from '../fields.ts';

/** Rules that the figure lets choose. */
export const policies = [
  'snapkv',
  'tova',
  'h2o',
  'knorm',
  'keydiff',
  'triattention',
  'streaming-llm',
  'random',
] as const;
export type Policy = (typeof policies)[number];

/** How entries are shared out over the heads of a layer: as many to each, or as AdaKV does. */
export const shares = ['equal', 'adakv'] as const;
export type Share = (typeof shares)[number];

/** Both ways to pack. */
export const ways = ['order', 'holes'] as const;
export type Way = (typeof ways)[number];

/** What decides the picture of a compaction. */
export interface CompactionView {
  readonly seed: number;
  readonly policy: Policy;
  /** Hundredths of the cache. */
  readonly keep: number;
  readonly counts: Share;
  /** Copies that have been made. */
  readonly tick: number | 'end';
}

/** Tokens of the text that is read. */
export const textTokens = 128;

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  policy: oneOf<Policy>('knorm', policies),
  keep: number(25, 5, 90, 5),
  counts: oneOf<Share>('equal', shares),
  // In the middle of things: some heads are packed, and others are as eviction left them.
  tick: { ...numberOr('end', 4096), default: 180 },
} as const satisfies FieldsOf<CompactionView>;

export const compactionView = defaultsOf<CompactionView>(fields);

export const asks = ['seed', 'policy', 'keep'] as const;

/** What a lane packed, and how. */
export interface Packed extends Compaction {
  /** For each head, layer * kvHeads + kvHead, the copies in their order: slot from, slot to, from, to, ... with spaces. */
  readonly moves: readonly string[];
  /** Entries behind one that comes later in the text. */
  readonly scrambled: number;
}

export interface CompactionResult {
  /** For each way to share out and each head: the slots that hold something when the rule has chosen, ascending, with spaces. */
  readonly held: Readonly<Record<Share, readonly string[]>>;
  readonly packed: Readonly<Record<Share, Readonly<Record<Way, Packed>>>>;
}

/** Lets four lanes of one rule shrink after a text of the seed: with equal counts and with AdaKV's, packed in both ways. */
export function* run(engine: Engine, { seed, policy, keep }: CompactionView): Generator<CompactionResult> {
  const prompt = seededPrompt(engine.model.vocabulary, seed, { length: textTokens }, 0, 'later');
  const prepared = engine.prepare(prompt);
  const lanes = shares.flatMap((share) => {
    const rule = share === 'adakv' ? `adakv(${policy})` : policy;
    return [`${rule}+compact`, `${rule}+compact(order=false)`];
  });
  const runs = engine.compare(
    prepared,
    lanes.map((lane) => parseLane(lane).spec),
    keep / 100,
  );
  engine.release(prepared);
  const [order, holes, adaOrder, adaHoles] = runs as [LaneRun, LaneRun, LaneRun, LaneRun];
  yield {
    held: { equal: heldBy(order), adakv: heldBy(adaOrder) },
    packed: {
      equal: { order: pack(engine, order, 'order'), holes: pack(engine, holes, 'holes') },
      adakv: { order: pack(engine, adaOrder, 'order'), holes: pack(engine, adaHoles, 'holes') },
    },
  };
}

/** A prompt's tokens lie in the slots of their numbers. */
const slotsOf = ({ kept }: LaneRun): Int32Array[] => kept.flat();
const heldBy = (run: LaneRun): string[] => slotsOf(run).map((slots) => slots.join(' '));

/** What the lane did, as its events tell it, with what follows from it by counting. */
function pack({ model: { config } }: Pick<Engine, 'model'>, run: LaneRun, way: Way): Packed {
  const moves = run.events.flatMap((event) => (event.type === 'copy' ? event.moves.map((list) => list.join(' ')) : []));
  const heads = slotsOf(run);
  const packing = way === 'order' ? inOrder : intoHoles;
  const scrambled = heads.map(packing).reduce((sum, slots) => sum + outOfOrder(slots), 0);
  return { moves, scrambled, ...compact(heads, packing, blockSize, 2 * config.headDim * numberBytes) };
}

export const unpack = (text: string): number[] => (text ? text.split(' ').map(Number) : []);
