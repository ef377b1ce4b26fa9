import type { Engine } from '../../engine/engine.ts';
import {
  answered,
  best,
  foundPacked,
  keptBetween,
  paidBefore,
  reread,
  sinks,
  span,
  survived,
  type Reread,
} from '../../engine/measure/next-turn.ts';
import { seededPrompt } from '../../engine/prompt.ts';
import { defaultsOf, number, oneOf, type FieldsOf } from '../fields.ts';

/** What decides the picture of a conversation whose history is ranked by what was asked. */
export interface IntentView {
  readonly seed: number;
  /** Share of the tokens so far that stays, in percent. */
  readonly keep: number;
  /** What the last of the four turns asks. */
  readonly last: 'anew' | 'again';
  readonly decay: number;
  /** The turn that comes next, from 2 to 4. */
  readonly turn: number;
}

export const fields = {
  seed: number(9, 0, 4294967295, 1),
  keep: number(50, 5, 75, 5),
  last: oneOf<'anew' | 'again'>('again', ['again', 'anew']),
  decay: number(0.5, 0, 4, 0.5),
  turn: number(4, 2, 4, 1),
} as const satisfies FieldsOf<IntentView>;

export const asks = ['seed', 'keep', 'last'] as const;

export const intentView = defaultsOf<IntentView>(fields);

/** Every place of the slider, so that it can be dragged without the model. */
export const decays = Array.from({ length: 9 }, (_, i) => i / 2);

/** Tokens of a text, and texts that a mean is taken over, the reader's own among them. */
export const [length, texts] = [192, 12];

/** Questions whose answers stand in the text. */
const kinds = ['code', 'place', 'liking', 'list'] as const;

/** What is known of the moment before one of the turns 2, 3 and 4. */
export interface Moment {
  /** Tokens of the history, the turns so far among them. */
  readonly tokens: number;
  /** Bit j: whether token j is kept, by the last question alone, and then by the memory at each decay. */
  readonly kept: readonly string[];
  /** Tokens that a prefix cache finds where what was kept lies packed, for each of these. */
  readonly found: readonly number[];
  /** For each token a digit from 0 to 9: what the next turn pays to it, as a share of what it pays to the one that it looks at most. */
  readonly looks: string;
}

/** What survives of the attention that a turn pays to the history. */
export interface Shares {
  /** Where the last question chooses alone, and then the memory at each decay. */
  readonly kept: readonly number[];
  /** Where tokens are drawn by lot, on average, and where those stay that the turn will look at most. */
  readonly chance: number;
  readonly best: number;
}

export interface Intent {
  readonly words: readonly string[];
  /** One past the text's last token, then one past that of each turn. */
  readonly ends: readonly number[];
  readonly moments: readonly Moment[];
  /** Of this text, for turns 2, 3 and 4. */
  readonly own: readonly Shares[];
  /** The same, mean over `texts` texts. */
  readonly mean: readonly Shares[];
  readonly texts: number;
}

interface Measured {
  readonly talk: Reread;
  readonly words: readonly string[];
  readonly moments: readonly Moment[];
  readonly shares: readonly Shares[];
}

/** The reader's own conversation first, then the mean with more and more others. */
export function* run(engine: Engine, { seed, keep, last }: IntentView): Generator<Intent> {
  const own = measure(engine, seed, keep / 100, last === 'again');
  const { words, moments, talk } = own;
  const all = [own.shares];
  const soFar = (): Intent => ({
    ...{ words, ends: talk.ends, moments, own: own.shares },
    ...{ mean: meanOf(all), texts: all.length },
  });
  yield soFar();
  for (let other = 1; all.length < texts; other++) {
    if (other !== seed) all.push(measure(engine, other, keep / 100, last === 'again').shares);
    if (all.length % 4 === 0) yield soFar();
  }
}

function measure(engine: Engine, seed: number, keep: number, again: boolean): Measured {
  const options = { length, kinds, turns: again ? 3 : 4, again };
  const prompt = seededPrompt(engine.model.vocabulary, seed, options, 0, 'later');
  const talk = reread(engine, answered(engine, prompt));
  const paid = paidBefore(talk);
  const sets = [Infinity, ...decays].map((decay) => keptBetween(talk, decay, keep));
  talk.release();
  const later = [1, 2, 3];
  return {
    talk,
    words: prompt.tokenizer.decode([...talk.tokens]),
    moments: later.map((at) =>
      momentOf(
        paid[at]!,
        sets.map((kept) => kept[at]!),
      ),
    ),
    shares: later.map((at) =>
      sharesOf(
        paid[at]!,
        sets.map((kept) => kept[at]!),
      ),
    ),
  };
}

function momentOf(paid: Float64Array, sets: readonly ReadonlySet<number>[]): Moment {
  const inHistory = (token: number) => token >= sinks && token < paid.length - span;
  const most = paid.reduce((high, x, token) => (inHistory(token) ? Math.max(high, x) : high), 0);
  const digit = (x: number, token: number) => (most > 0 && inHistory(token) ? Math.floor((9 * x) / most) : 0);
  return {
    tokens: paid.length,
    kept: sets.map((kept) => Array.from(paid, (_, token) => Number(kept.has(token))).join('')),
    found: sets.map(foundPacked),
    looks: Array.from(paid, digit).join(''),
  };
}

const short = (share: number) => Number(share.toFixed(4));

function sharesOf(paid: Float64Array, sets: readonly ReadonlySet<number>[]): Shares {
  const history = paid.length - sinks - span;
  const chosen = sets[0]!.size - sinks - span;
  return {
    kept: sets.map((kept) => short(survived(paid, kept))),
    chance: short(Math.max(0, chosen) / history),
    best: short(best(paid, chosen)),
  };
}

function meanOf(all: readonly (readonly Shares[])[]): Shares[] {
  const mean = (at: number, of: (shares: Shares) => number) =>
    short(all.reduce((sum, one) => sum + of(one[at]!), 0) / all.length);
  return all[0]!.map((_, at) => ({
    kept: all[0]![at]!.kept.map((_share, i) => mean(at, ({ kept }) => kept[i]!)),
    chance: mean(at, ({ chance }) => chance),
    best: mean(at, (shares) => shares.best),
  }));
}
