import { blockSize, freedEnds } from './pool.ts';
import type { Op, Trace } from './trace.ts';

const kinds = ['add', 'append', 'fork', 'done'] as const;
const mostBlocks = 1_000_000;

/** Reads a trace from JSON. What is left out has vLLM's default. @throws Error that says which part is wrong, and what it should be */
export function readTrace(json: unknown): Trace {
  const { block_size, n_blocks, null_block_reserved, freed_unhashed_blocks_go_to, ops } = object('the trace', json);
  if (!Array.isArray(ops)) throw new Error('ops must be a list of operations');
  return {
    block_size: whole('block_size', block_size ?? blockSize, 1, 64),
    n_blocks: whole('n_blocks', n_blocks, 1, mostBlocks),
    null_block_reserved: oneOf('null_block_reserved', null_block_reserved ?? false, [false, true] as const),
    freed_unhashed_blocks_go_to: oneOf('freed_unhashed_blocks_go_to', freed_unhashed_blocks_go_to ?? 'tail', freedEnds),
    ops: ops.map((op, i) => readOp(`ops[${i}]`, op)),
  };
}

function readOp(at: string, json: unknown): Op {
  const { op: kind, request: name, tokens, from, extra, salt } = object(at, json);
  const op = oneOf(`${at}.op`, kind, kinds);
  const request = text(`${at}.request`, name);
  if (op === 'done') return { op, request };
  if (op === 'fork') return { op, request, from: text(`${at}.from`, from) };
  if (!Array.isArray(tokens) || !tokens.every(isToken))
    throw new Error(`${at}.tokens must be a list of whole numbers or words`);
  if (op === 'append') return { op, request, tokens };
  return { op, request, tokens, ...optional(at, { extra, salt }) };
}

const isToken = (token: unknown): token is number | string => typeof token === 'string' || Number.isSafeInteger(token);

const optional = (at: string, values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined || value === null ? [] : [[key, text(`${at}.${key}`, value)]],
    ),
  );

function object(at: string, json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error(`${at} must be an object`);
  return json as Record<string, unknown>;
}

function whole(at: string, value: unknown, low: number, high: number): number {
  if (!Number.isInteger(value) || (value as number) < low || (value as number) > high)
    throw new Error(`${at} must be a whole number from ${low} to ${high}, not ${show(value)}`);
  return value as number;
}

function oneOf<T>(at: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`${at} must be ${allowed.join(' or ')}, not ${show(value)}`);
  return found;
}

/** Names are texts; a number is taken as its digits. */
function text(at: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new Error(`${at} must be a text, not ${show(value)}`);
  return String(value);
}

const show = (value: unknown) => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40));
