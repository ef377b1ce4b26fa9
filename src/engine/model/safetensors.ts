/**
 * The safetensors format (https://github.com/huggingface/safetensors): eight bytes of little-endian header length, a JSON header,
 * then the tensors back to back. Weights and traces come in it. Everything a file claims is checked before it is believed: a stranger may drop
 * any file on the page. Like every browser, this assumes a little-endian machine.
 */

// Not of ECMAScript, and so unknown to the engine's type check; but browsers, workers and Node all have them.
declare const TextDecoder: new (label: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

export interface SafeTensor {
  readonly dtype: keyof typeof decoders;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface SafeTensors {
  readonly tensors: Map<string, SafeTensor>;
  readonly metadata: Record<string, string>;
}

/** Each reads a copy, which starts on an aligned address wherever the tensor stood in the file. */
const decoders = {
  BF16: (copy: ArrayBuffer) =>
    new Float32Array(new Uint32Array(new Uint16Array(copy)).map((half) => half << 16).buffer),
  F16: (copy: ArrayBuffer) => new Float32Array(new Uint16Array(copy)).map(halfToNumber),
  F32: (copy: ArrayBuffer) => new Float32Array(copy),
};

const byteSizes = { BF16: 2, F16: 2, F32: 4 } as const;

/** Throws an Error that says what is wrong with the file. Tensors must fill it without gaps or overlaps, as the format demands. */
export function readSafetensors(bytes: Uint8Array): SafeTensors {
  const { header, body } = split(bytes);
  const metadata = readMetadata(header.get('__metadata__'));
  header.delete('__metadata__');
  const entries = [...header].map(([name, entry]) => readEntry(name, entry));
  checkLayout(entries, body.length);
  return { tensors: new Map(entries.map((entry) => [entry.name, decode(entry, body)])), metadata };
}

interface Entry {
  readonly name: string;
  readonly dtype: keyof typeof decoders;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const fail = (problem: string): never => {
  throw new Error(`Not a safetensors file that can be read: ${problem}.`);
};

function split(bytes: Uint8Array): { header: Map<string, unknown>; body: Uint8Array } {
  if (bytes.length < 8) fail(`it has ${bytes.length} bytes, fewer than the 8 of the header length`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > bytes.length - 8) fail(`its header of ${length} bytes reaches beyond the file of ${bytes.length}`);
  const end = 8 + Number(length);
  return { header: record(parse(bytes.subarray(8, end)), 'the header'), body: bytes.subarray(end) };
}

function parse(json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch {
    return fail('its header is not JSON');
  }
}

/** A Map has no prototype to be misled by; "__proto__" is refused all the same, for the sake of whoever copies the names into an object. */
function record(value: unknown, what: string): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(`${what} is not an object`);
  const map = new Map<string, unknown>(Object.entries(value));
  if (map.has('__proto__')) fail(`${what} has the key "__proto__"`);
  return map;
}

function readMetadata(value: unknown): Record<string, string> {
  const entries = value === undefined ? [] : [...record(value, 'the metadata')];
  return Object.fromEntries(
    entries.map(([key, text]) => [key, typeof text === 'string' ? text : fail(`metadata "${key}" is not a string`)]),
  );
}

function readEntry(name: string, value: unknown): Entry {
  const entry = record(value, `the entry of "${name}"`);
  const dtype = readType(name, entry.get('dtype'));
  const shape = sizes(entry.get('shape'), `the shape of "${name}"`);
  const offsets = sizes(entry.get('data_offsets'), `data_offsets of "${name}"`);
  const [begin, end] =
    offsets.length === 2 ? (offsets as [number, number]) : fail(`data_offsets of "${name}" are not two numbers`);
  const needed = shape.reduce((product, size) => product * size, byteSizes[dtype]);
  if (end - begin !== needed)
    fail(`"${name}" has the shape [${shape}] in ${dtype}, ${needed} bytes, but its offsets span ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

function readType(name: string, dtype: unknown): keyof typeof decoders {
  if (typeof dtype === 'string' && Object.hasOwn(decoders, dtype)) return dtype as keyof typeof decoders;
  return fail(`"${name}" has the dtype ${JSON.stringify(dtype)}; only ${Object.keys(decoders).join(', ')} are read`);
}

function sizes(value: unknown, what: string): number[] {
  if (Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)) return value as number[];
  return fail(`${what} is not a list of whole numbers`);
}

function checkLayout(entries: readonly Entry[], length: number): void {
  let filled = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (end > length) fail(`"${name}" ends at byte ${end} of ${length}`);
    if (begin !== filled) fail(`"${name}" starts at byte ${begin}, where ${filled} was expected`);
    filled = end;
  }
  if (filled !== length) fail(`its tensors fill ${filled} bytes of ${length}`);
}

function decode({ dtype, shape, begin, end }: Entry, body: Uint8Array): SafeTensor {
  // Not `slice`: a Node Buffer's slice is no copy.
  const copy = new Uint8Array(end - begin);
  copy.set(body.subarray(begin, end));
  return { dtype, shape, data: decoders[dtype](copy.buffer) };
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Writes float32 tensors, in the map's order. The header is padded with spaces so that the data is aligned. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = [['__metadata__', metadata]];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === '__metadata__' || name === '__proto__') throw new Error(`A tensor cannot be named "${name}".`);
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== data.length) throw new Error(`"${name}" has the shape [${shape}] and ${data.length} numbers.`);
    entries.push([name, { dtype: 'F32', shape, data_offsets: [offset, (offset += data.byteLength)] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + offset).fill(32, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let end = start;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), end);
    end += data.byteLength;
  }
  return bytes;
}
