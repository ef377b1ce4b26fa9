import { bestTokens } from '../budget/by-token.ts';
import type { Engine } from '../engine.ts';
import { intentkv } from '../eviction/intentkv.ts';
import { PartView } from '../eviction/part-view.ts';
import { CacheView } from '../layer-view.ts';
import { Prefix } from '../prefix.ts';
import { textOnly, type Prompt } from '../prompt.ts';

/** A text and turns behind it, with the full cache's answers. */
export interface Talk {
  readonly tokens: readonly number[];
  /** One past the text's last token, then one past that of each turn. */
  readonly ends: readonly number[];
}

/** Lets the full cache answer every turn of a prompt. */
export function answered(engine: Engine, prompt: Prompt): Talk {
  const prepared = engine.prepare(prompt);
  const tokens = prompt.tokens.slice(0, prompt.compressedAt);
  const ends = [tokens.length];
  prompt.turns.forEach((turn, i) => {
    tokens.push(...turn.tokens, ...prepared.full.answers[i]!.map(({ token }) => token));
    ends.push(tokens.length);
  });
  engine.release(prepared);
  return { tokens, ends };
}

/** A talk that was read once more, in one pass, so that what each token looked at is known. */
export interface Reread extends Talk {
  readonly views: readonly CacheView[];
  release(): void;
}

export function reread({ model }: Engine, talk: Talk): Reread {
  const prefix = new Prefix(model, textOnly(talk.tokens));
  const views = Array.from(
    { length: model.config.layers },
    (_, layer) => new CacheView(model, prefix.cache, prefix.queries, layer, undefined),
  );
  return { ...talk, views, release: () => prefix.release() };
}

/** For each turn what its tokens pay to each token before it: mean over layers, query heads and these tokens. @returns [turns][tokens before it] */
export const paidBefore = ({ views, ends }: Reread): Float64Array[] =>
  ends.slice(0, -1).map((end, turn) => {
    const paid = new Float64Array(end);
    const rows = ends[turn + 1]! - end;
    for (const view of views) {
      for (const heads of view.attentionRows(end, end + rows)) {
        for (let row = 0; row < rows; row++) {
          for (let j = 0; j < end; j++) paid[j]! += heads[row * view.seq + j]! / (rows * view.heads * views.length);
        }
      }
    }
    return paid;
  });

/** First and last tokens that stay whatever the rule says. */
export const [sinks, span] = [1, 16];

/**
 * The tokens that IntentKV keeps in all heads of all layers, after the text and then after each turn. What is dropped once does not come back.
 * @param decay how fast older turns are forgotten; Infinity leaves the last one alone @param keep share of the tokens so far
 * @returns for each moment the kept tokens
 */
export function keptBetween({ views, ends }: Reread, decay: number, keep: number): ReadonlySet<number>[] {
  const scorer = intentkv.make({ decay, span, sinks }, []);
  const sets: Set<number>[] = [];
  ends.slice(0, -1).forEach((end, at) => {
    const budget = Math.trunc(keep * end);
    const held = Int32Array.from({ length: end }, (_, token) => token).filter(
      (token) => !at || token >= ends[at - 1]! || sets[at - 1]!.has(token),
    );
    const parts = views.map(
      (view) =>
        new PartView(
          view,
          view.counts.map(() => held),
          end,
        ),
    );
    sets.push(
      bestTokens(
        parts.map((part) => scorer.score(part, budget)),
        parts,
        budget,
      ),
    );
  });
  return sets;
}

/** Of the attention that a turn pays to the history behind the first tokens and before the last ones, the share that lies on what was kept. */
export function survived(paid: Float64Array, kept: ReadonlySet<number>): number {
  let [all, left] = [0, 0];
  for (let token = sinks; token < paid.length - span; token++) {
    all += paid[token]!;
    if (kept.has(token)) left += paid[token]!;
  }
  return all > 0 ? left / all : 0;
}

/** The most that so many tokens of the history can hold of it: those that the turn looks at most. */
export function best(paid: Float64Array, count: number): number {
  const history = paid
    .slice(sinks, paid.length - span)
    .sort()
    .reverse();
  const all = history.reduce((a, b) => a + b, 0);
  return all > 0 ? history.subarray(0, Math.max(0, count)).reduce((a, b) => a + b, 0) / all : 0;
}

/**
 * How many tokens of a request a prefix cache still finds at its beginning, when what was kept has moved together: up to the first that was dropped, as
 * behind it each slot holds another token. Where a dropped token points to a dead slot, it finds all of them.
 */
export function foundPacked(kept: ReadonlySet<number>): number {
  let token = 0;
  while (kept.has(token)) token++;
  return token;
}
