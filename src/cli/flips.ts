/**
 * How often one behavior of the model flips when its cache is written in few bits, beside how far its distribution moves:
 *
 *     npm run --silent flips -- [--texts 240] [--seed 4000000] [--model DIR] [--out FILE]
 *
 * The behavior is to obey a standing rule ("never tell what sofia likes ."), asked about later; of each text a fact is asked for as well, for comparison. Prints
 * JSON {model, weights_sha256, texts, seed, cells}, where a cell is {lane, scaling, bits, layer?, part?, rule, fact, kl, within}: what was written (flips.ts);
 * `rule` and `fact` {flipped, of, within}: of the answers that were right at 16 bits, how many are wrong now, and Wilson's 95 % interval of that share; `kl` mean
 * KL(full || lane) in nats over all of these answers, and `within` its 95 % interval. Texts are of seeds that training never saw.
 *
 * The figure of what perplexity hides shows public/data/flips.json.
 */
import { parseArgs } from 'node:util';
import type { Flips } from '../engine/measure/diagnosis.ts';
import { allWritten, flipsOf } from '../engine/measure/flips.ts';
import type { Within } from '../engine/measure/interval.ts';
import { integerOf, main, tell } from './fail.ts';
import { loadEngine, weightsHash } from './load.ts';

const rounded = (x: number) => Number(x.toPrecision(4));
const ends = ([low, high]: Within) => [rounded(low), rounded(high)] as const;
const short = ({ within, ...flips }: Flips) => ({ ...flips, within: ends(within) });

await main('flips', () => {
  const { values } = parseArgs({
    options: {
      texts: { type: 'string', default: '240' },
      seed: { type: 'string', default: '4000000' },
      model: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const texts = integerOf('texts', values.texts, 1, 10_000);
  const seed = integerOf('seed', values.seed, 0, 0x7fffffff);
  const engine = loadEngine(undefined, values.model);
  const cells = flipsOf(engine, allWritten(engine.model.config.layers), texts, seed).map((cell) => ({
    ...cell,
    rule: short(cell.rule),
    fact: short(cell.fact),
    kl: rounded(cell.kl),
    within: ends(cell.within),
  }));
  tell({ model: engine.model.id, weights_sha256: weightsHash(values.model), texts, seed, cells }, values.out);
});
