import type { Engine } from '../../engine/engine.ts';
import { errorOf, type NumberError } from '../../engine/measure/error.ts';
import { beforeRope, headRows } from '../../engine/measure/head-rows.ts';
import type { Config } from '../../engine/model/config.ts';
import type { Rope } from '../../engine/model/rope.ts';
import { parseLane, printTerm, type Term } from '../../engine/lane-spec.ts';
import { memberOf } from '../../engine/members.ts';
import { makeCodec } from '../../engine/plan.ts';
import { roundTrip } from '../../engine/quantization/round-trip.ts';
import type { Basis, HeadShape } from '../../engine/quantization/types.ts';
import { defaultsOf, number, oneOf, type FieldsOf } from '../fields.ts';

/** Codecs that the figure of a head's keys offers: the plain grids first, as the two axes are what it is about. */
export const keyCodecs = [
  ...(['per-channel', 'per-token', 'per-tensor', 'kivi', 'kvquant'] as const),
  ...(['turboquant', 'polarquant', 'q8_0', 'q4_0', 'fp8', 'low-rank'] as const),
] as const;
export type KeyCodec = (typeof keyCodecs)[number];

/** What decides the picture of a head's keys. */
export interface KeysView {
  readonly seed: number;
  readonly layer: number;
  readonly head: number;
  /** The keys that are shown, and that a codec without a wish of its own writes. */
  readonly keys: Basis;
  readonly codec: KeyCodec;
  readonly bits: number;
}

/** Tokens of a text that are shown: some groups of 32. */
export const keyTokens = 128;

export const fields = {
  seed: number(7, 0, 4294967295, 1),
  layer: number(3, 0, 3, 1),
  head: number(1, 0, 3, 1),
  keys: oneOf<Basis>('cached', ['cached', 'before-rope']),
  codec: oneOf<KeyCodec>('per-channel', keyCodecs),
  bits: number(2, 2, 8, 1),
} as const satisfies FieldsOf<KeysView>;

export const keysView = defaultsOf<KeysView>(fields);

export const asks = ['seed', 'layer', 'head', 'keys', 'codec', 'bits'] as const;

/** What a codec made of the keys, in a line. */
export interface KeysLine {
  readonly spec: string;
  readonly basis: Basis;
  readonly bitsPerNumber: number;
  /** Root mean square of what was lost, as a share of that of the keys. */
  readonly error: number;
}

export interface KeysFound extends KeysLine {
  /** Tokens that were written; those behind them wait at 16 bits. */
  readonly count: number;
  /** [tokens][headDim], what was given and what is read back, as packRows writes them. */
  readonly given: string;
  readonly decoded: string;
  /** Every codec on the same keys, in the order of the list. */
  readonly all: readonly KeysLine[];
}

/** The keys of a head, after the model has read the text of the seed, and what every codec makes of them. */
export function* run({ model }: Pick<Engine, 'model'>, view: KeysView): Generator<KeysFound> {
  const cached = headRows(model, view.seed, keyTokens).keys[view.layer * model.config.kvHeads + view.head]!;
  yield foundOf(cached, view, model.config, model.store.rope);
}

/** @param cached keys [tokens][headDim] of the view's head, after RoPE */
export function foundOf(
  cached: Float32Array,
  view: KeysView,
  { layers, headDim }: Pick<Config, 'layers' | 'headDim'>,
  rope: Pick<Rope, 'rotate'>,
): KeysFound {
  const rows = { cached, 'before-rope': beforeRope(cached, headDim, rope) };
  const at = { layer: view.layer, layers, kvHead: view.head, headDim };
  const { count, given, decoded, ...written } = writeKeys(rows, view, at);
  const all = keyCodecs.map((codec) => lineOf(writeKeys(rows, { ...view, codec }, at)));
  return { ...lineOf(written), count, given: packRows(given), decoded: packRows(decoded), all };
}

const lineOf = ({ spec, basis, bitsPerNumber, error }: Omit<KeysWritten, 'count' | 'given' | 'decoded'>): KeysLine => ({
  spec,
  basis,
  bitsPerNumber,
  error: Number(error.relative.toPrecision(6)),
});

/** Whether a codec has bits to choose. */
export const hasBits = (codec: KeyCodec): boolean => 'bits' in memberOf(codec)!.settings;

/** A codec with its bits, as near as it has them, and with groups of 32 numbers where it is a grid by channel or by token. */
function termOf(codec: KeyCodec, bits: number): Term {
  const grid = codec === 'per-channel' || codec === 'per-token';
  const settings = [...(hasBits(codec) ? [`bits=${bits}`] : []), ...(grid ? ['group=32'] : [])];
  return parseLane(settings.length ? `${codec}(${settings.join(',')})` : codec).spec.terms[0]!;
}

export interface KeysWritten {
  /** The codec as a lane would name it. */
  readonly spec: string;
  readonly basis: Basis;
  /** Tokens that were written; those behind them wait at 16 bits. */
  readonly count: number;
  readonly bitsPerNumber: number;
  /** [tokens][headDim], what was given and what is read back. */
  readonly given: Float32Array;
  readonly decoded: Float32Array;
  readonly error: NumberError;
}

/**
 * Writes a head's keys as a codec does.
 * @param rows the keys in each basis; a codec that asks for keys before RoPE gets those
 */
export function writeKeys(
  rows: Readonly<Record<Basis, Float32Array>>,
  { codec: name, bits, keys }: Pick<KeysView, 'codec' | 'bits' | 'keys'>,
  at: HeadShape,
): KeysWritten {
  const term = termOf(name, bits);
  const codec = makeCodec(term);
  const basis = codec.basis(at) === 'before-rope' ? 'before-rope' : keys;
  const given = rows[basis];
  const { count, decoded, bytes } = roundTrip(codec, given, 'keys', at);
  const error = errorOf([given], [decoded]);
  return { spec: printTerm(term), basis, count, bitsPerNumber: (8 * bytes) / given.length, given, decoded, error };
}

/** Numbers as a page carries them: short, and the same for whoever draws them first and whoever draws them again. */
export const packRows = (rows: Float32Array): string => Array.from(rows, (x) => Number(x.toFixed(3))).join(' ');
export const unpackRows = (text: string): Float32Array => Float32Array.from(text.split(' '), Number);
