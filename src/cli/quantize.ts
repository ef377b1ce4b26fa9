/**
 * Writes one recorded layer as a codec would, so that any other implementation can be compared with this one:
 *
 *     npm run --silent quantize -- --trace FILE.safetensors --codec "kivi(bits=2,group=32)" [--tensor keys|values]
 *
 * The file holds `keys` or `values` [kv_heads, seq, head_dim]; `src/engine/eviction/trace.ts` says what else a trace may hold. A codec that takes keys
 * before RoPE is given `keys_prerope` where they are recorded, and otherwise `keys`, turned back from positions 0, 1, 2, ...; `basis` says
 * which it was, and `decoded` and `error` are of what it was given. ThinK looks at `queries` [heads, rows, head_dim].
 *
 * Prints one JSON object:
 *
 *     codec, tensor, basis   what was asked, at its shortest
 *     encoded                tokens of each head that were written; the newest may wait at 16 bits, and are the last ones
 *     bytes, bits_per_value  of all heads, what waits included at 16 bits a number; all metadata is counted
 *     codes                  [kv_heads][encoded][head_dim], one integer a number (ggml types fill their last block). Whatever else is stored follows, each
 *                            [kv_heads] and then as the file of its codec says:
 *     scales, zeros          KIVI and per-channel keys [encoded / group][head_dim]; KIVI values and per-token [encoded][groups of channels]; ggml types
 *                            [encoded][blocks], where zeros are the minimum m
 *     packed                 [kv_heads] how it lies in memory, where the source says: KIVI's codes as 32-bit words, the first code in the lowest bits, keys
 *                            along tokens and values along channels; ggml's blocks as bytes
 *     wire_bytes, wire_bits_per_value, wire [kv_heads]   what crosses a network in place of the heads, where the codec is made for the way (packet.ts): none of it
 *                            is in `bytes`, as the other end unpacks it into memory at the bits that `bits_per_value` says
 *     decoded                [kv_heads][seq][head_dim], what can be read back
 *     error                  {max, mean, rms} of |x - decoded|, and {relative}, the rms over that of x
 *
 * Whatever is wrong with the call or the file is one line on stderr, and the exit code is 2.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { traceLayer } from '../engine/eviction/trace.ts';
import type { LayerView } from '../engine/eviction/types.ts';
import { parseLane, printTerm, type Term } from '../engine/lane-spec.ts';
import { memberOf, membersOf } from '../engine/members.ts';
import { errorOf } from '../engine/measure/error.ts';
import { readSafetensors, type SafeTensors } from '../engine/model/safetensors.ts';
import { makeCodec } from '../engine/plan.ts';
import { roundTrip } from '../engine/quantization/round-trip.ts';
import type { Basis, Codec, Encoded, HeadAtWork, Part, Side } from '../engine/quantization/types.ts';
import { main, oneOf } from './fail.ts';

const string = { type: 'string' } as const;
const options = { trace: string, codec: string, tensor: string } as const;

function run(args: string[]): string {
  const { trace, codec, tensor = 'keys' } = parseArgs({ args, options }).values;
  if (trace === undefined || codec === undefined) {
    throw new Error('usage: quantize --trace FILE.safetensors --codec SPEC [--tensor keys|values]');
  }
  const term = readCodec(codec);
  const side = oneOf('tensor', ['keys', 'values'], tensor);
  return JSON.stringify({ codec: printTerm(term), tensor: side, ...quantize(trace, makeCodec(term), side) });
}

function readCodec(text: string): Term {
  const names = membersOf('codec').map(({ name }) => name);
  const { spec, problems } = parseLane(text);
  if (problems.length) throw new Error(`${problems.join(' ')} There is ${names.join(', ')}.`);
  const [term, ...rest] = spec.terms;
  if (rest.length || memberOf(term!.name)!.role !== 'codec')
    throw new Error(`--codec is one of ${names.join(', ')}, not "${text}"`);
  return term!;
}

function quantize(file: string, codec: Codec, side: Side) {
  const trace = readSafetensors(readFileSync(file));
  const layer = traceLayer(trace);
  const heads = Array.from({ length: layer.kvHeads }, (_, kvHead) => headAt(trace, layer, kvHead));
  const basis = side === 'keys' ? codec.basis(heads[0]!) : 'cached';
  const given = heads.map((at) => rowsOf(layer, at.kvHead, side, basis));
  const trips = given.map((rows, head) => roundTrip(codec, rows, side, heads[head]!));
  const decoded = trips.map((trip) => trip.decoded);
  const written = trips.map((trip) => trip.written);
  const numbers = given.length * given[0]!.length;
  const bytes = trips.reduce((sum, trip) => sum + trip.bytes, 0);
  return {
    basis,
    encoded: trips[0]!.count,
    bits_per_value: (bytes * 8) / numbers,
    bytes,
    ...partsOf(written),
    ...wireOf(written, numbers),
    decoded: decoded.map((rows) => nested(rows, [layer.seq, layer.headDim])),
    error: errorOf(given, decoded),
  };
}

function headAt(
  { tensors }: SafeTensors,
  { layer, layers, headDim, heads, kvHeads }: LayerView,
  kvHead: number,
): HeadAtWork {
  const at = { layer, layers, kvHead, headDim };
  const queries = tensors.get('queries');
  if (!queries) return at;
  const [group, given] = [heads / kvHeads, queries.shape[1]!];
  return {
    ...at,
    queries(rows) {
      const count = Math.min(rows, given);
      const latest = new Float32Array(count * group * headDim);
      for (let g = 0; g < group; g++) {
        const end = (kvHead * group + g + 1) * given * headDim;
        latest.set(queries.data.subarray(end - count * headDim, end), g * count * headDim);
      }
      return latest;
    },
  };
}

/** What a codec is given of a head. @returns [seq][headDim] */
function rowsOf(layer: LayerView, kvHead: number, side: Side, basis: Basis): Float32Array {
  if (basis === 'before-rope') return layer.keysBeforeRope(kvHead);
  return layer[side](kvHead);
}

/** What is stored, by name, head after head. */
function partsOf(written: readonly Encoded[]): Record<string, unknown> {
  const parts = written.map((encoded) => encoded.parts());
  const names = Object.keys(parts[0]!);
  const listed = names.map((name) => [name, parts.map((of) => nested(of[name]!.numbers, of[name]!.shape))] as const);
  const packed = written[0]!.packed ? { packed: written.map((encoded) => [...encoded.packed!()]) } : {};
  return { ...Object.fromEntries(listed), ...packed };
}

function wireOf(written: readonly Encoded[], numbers: number) {
  if (!written[0]!.wire) return {};
  const wire = written.map((encoded) => [...encoded.wire!()]);
  const bytes = wire.reduce((sum, { length }) => sum + length, 0);
  return { wire_bytes: bytes, wire_bits_per_value: (bytes * 8) / numbers, wire };
}

function nested(numbers: Part['numbers'], [size, ...inner]: readonly number[], from = 0): unknown[] {
  const step = inner.reduce((product, each) => product * each, 1);
  return Array.from({ length: size! }, (_, i) =>
    inner.length ? nested(numbers, inner, from + i * step) : numbers[from + i]!,
  );
}

await main('quantize', () => {
  process.stdout.write(`${run(process.argv.slice(2))}\n`);
});
