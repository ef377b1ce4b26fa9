import { answerFrom, sameTokens } from '../../engine/answer-from.ts';
import type { Engine } from '../../engine/engine.ts';
import { argmax, divergence, logSoftmax } from '../../engine/measure/divergence.ts';
import { entropyOf } from '../../engine/measure/early-exit.ts';
import { similarity } from '../../engine/measure/gate.ts';
import type { Model } from '../../engine/model/model.ts';
import { Tokenizer } from '../../engine/model/tokenizer.ts';
import { readOn } from '../../engine/recompute.ts';
import { KVCache } from '../../engine/cache/kv-cache.ts';
import { branchesOf, branchKinds, type BranchKind } from '../../engine/world/branches.ts';
import { defaultsOf, number, oneOf, type FieldsOf } from '../fields.ts';

/** What decides the picture of branches. */
export interface BranchesView {
  readonly seed: number;
  /** Which half of the method is shown. */
  readonly show: 'gate' | 'exit';
  /** How alike a branch must be to get the cache. */
  readonly tau: number;
  /** Below which entropy, in nats, a pass may end. */
  readonly theta: number;
  /** By how much the entropy may have moved. */
  readonly epsilon: number;
}

export const fields = {
  seed: number(1, 0, 4294967295, 1),
  show: oneOf<BranchesView['show']>('gate', ['gate', 'exit']),
  tau: number(0.82, 0, 1, 0.01),
  theta: number(4.1, 0, 6.4, 0.1),
  epsilon: number(3, 0.1, 6.4, 0.1),
} as const satisfies FieldsOf<BranchesView>;

export const branchesView = defaultsOf<BranchesView>(fields);

export const asks = ['seed'] as const;

/** Texts that are looked at, of this seed and the next ones. */
const texts = 16;

/** A branch that was given the cache of the first prompt. */
export interface BranchFound {
  readonly sigma: number;
  /** KL(own cache || the first prompt's) of the answer's first word, in nats. */
  readonly kl: number;
  /** Whether it answers as with a cache of its own. */
  readonly same: boolean;
}

/** A word of an answer: what could be read off behind each layer. */
export interface WordFound {
  /** Entropy of the next word, in nats. */
  readonly entropies: readonly number[];
  /** Whether the most probable word is the one that the whole model says. */
  readonly same: readonly boolean[];
}

export interface BranchesFound {
  readonly texts: number;
  readonly branches: Readonly<Record<BranchKind, readonly BranchFound[]>>;
  readonly words: readonly WordFound[];
}

/** Gives the cache of the first prompt to branches that differ from it, text by text, and reads the answers off behind each layer. */
export function* run({ model }: Pick<Engine, 'model'>, { seed }: BranchesView): Generator<BranchesFound> {
  const all: ReturnType<typeof ofText>[] = [];
  while (all.length < texts) {
    all.push(ofText(model, seed + all.length));
    const branches = Object.fromEntries(branchKinds.map((kind) => [kind, all.map((one) => one.branches[kind])]));
    yield {
      texts: all.length,
      branches: branches as Record<BranchKind, BranchFound[]>,
      words: all.flatMap((one) => one.words),
    };
  }
}

function ofText(model: Model, seed: number) {
  const { root, question, others } = branchesOf(seed);
  const tokenizer = new Tokenizer(model.vocabulary);
  const asked = tokenizer.encode(question);
  const read = (text: readonly string[]) => {
    const [cache, states]: [KVCache, Float32Array[]] = [new KVCache(model.store), []];
    readOn(model, cache, tokenizer.encode(text), (_layer, state) => states.push(state.slice()));
    const said = answerFrom(model, cache, asked);
    cache.release();
    return { states, said };
  };
  const first = read(root);
  const branch = (text: readonly string[]): BranchFound => {
    const { states, said } = read(text);
    return {
      sigma: round(similarity(first.states, states)),
      kl: round(divergence(logSoftmax(said.logits[0]!), first.said.logits[0]!)),
      same: sameTokens(said, first.said),
    };
  };
  const words = first.said.states.map((states, i): WordFound => {
    const logits = states.map((state) => model.lens(state));
    return {
      entropies: logits.map((row) => round(entropyOf(row))),
      same: logits.map((row) => argmax(row) === first.said.tokens[i]),
    };
  });
  const found = Object.fromEntries(branchKinds.map((kind) => [kind, branch(others[kind])]));
  return { branches: found as Record<BranchKind, BranchFound>, words };
}

const round = (x: number) => Math.round(1000 * x) / 1000;
