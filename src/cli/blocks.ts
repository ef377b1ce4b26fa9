/**
 * Runs what requests do to a pool of blocks, as vLLM's block manager would, and prints the pool after each operation as one JSON object:
 *
 *     npm run --silent blocks -- --trace FILE.json
 *
 * FILE is `{block_size, n_blocks, null_block_reserved, freed_unhashed_blocks_go_to: "tail" | "front", ops: [...]}` with
 * `{op: "add", request, tokens: [...]}` (also `extra` and `salt`, which keep equal texts apart), `{op: "append", request, tokens: [...]}`,
 * `{op: "fork", request, from}` and `{op: "done", request}`. Prints `{states: [{result, free_queue, ref, tables, cached, evicted}]}`, which
 * `src/engine/paging/trace.ts` explains. Whatever is wrong with the call or the file is one line on stderr, and the exit code is 2.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readTrace } from '../engine/paging/read-trace.ts';
import { replay } from '../engine/paging/trace.ts';
import { main } from './fail.ts';

function run(args: string[]): string {
  const { trace } = parseArgs({ args, options: { trace: { type: 'string' } } }).values;
  if (trace === undefined) throw new Error('usage: blocks --trace FILE.json');
  const states = [...replay(readTrace(JSON.parse(readFileSync(trace, 'utf8'))))].map(({ state }) => state);
  return JSON.stringify({ states });
}

await main('blocks', () => {
  process.stdout.write(`${run(process.argv.slice(2))}\n`);
});
