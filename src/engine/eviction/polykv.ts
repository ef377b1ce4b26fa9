import { defaults, listOf } from '../settings.ts';
import { cutOutputs, type Outputs } from './cut-outputs.ts';
import { h2o } from './h2o.ts';
import { PartView } from './part-view.ts';
import { best } from './select.ts';
import { snapkv } from './snapkv.ts';
import { streamingLlm } from './streaming-llm.ts';
import { tova } from './tova.ts';
import { defineScore, type LayerView, type Lesson, type ScoreMember } from './types.ts';
import { dot } from './vectors.ts';

/** The rules that layers choose among: those of the paper's pool that are scores here, in the order in which their cosines are stored. */
export const rules: readonly ScoreMember[] = [h2o, snapkv, streamingLlm, tova];

/** Entries of a text that each rule leaves to a head where its cosine is measured. */
const left = 16;

/**
 * PolyKV lets every layer have the rule that suits it, as it was measured beforehand on other texts.
 * Based on "PolyKV: Heterogeneous Retention and Allocation for KV Cache Compression" (arXiv 2606.15157), its choice of rules by cosine.
 *
 *     C[l, r] = mean over texts, the tokens of question and answer and KV heads of cos(O, O_r)        O_r: the layer keeps 16 entries of the text by r
 *     the rule of layer l is the r with the largest C[l, r]; among equal ones the first
 *
 * O is the output of attention before the output matrix, of the query heads of a KV head together. Deviations: the paper compares hidden states; it has a
 * rule for prefill and another for decoding, ten rules with the full cache among them, and budgets from perplexity beside
 * those by entropy, which are `by-entropy(polykv)` here. How many entries its calibration leaves is not known.
 */
export const polykv = defineScore({
  name: 'polykv',
  caption: { name: 'PolyKV', idea: 'each layer has its own rule' },
  source: 'arXiv 2606.15157, its choice of rules by cosine',
  settings: {
    worst: { kind: 'switch', default: false, about: 'Each layer gets the rule with the smallest cosine: a control.' },
    plan: {
      kind: 'list',
      default: '0',
      min: 0,
      max: rules.length,
      step: 1,
      longest: 64,
      about: 'The rule of each layer by its number, from 1 on, the last for all above; 0: as measured.',
    },
  },
  learns: {
    name: 'rule_cosines',
    from: (texts, lessons) => {
      const cosines = texts.map((text, i) => rules.map((rule) => cosinesOf(text, lessons[i]!, rule)));
      return texts[0]!.counts.map((_, kvHead) =>
        Float32Array.from(rules, (_rule, r) => mean(cosines.map((byRule) => byRule[r]![kvHead]!))),
      );
    },
  },
  needs: [['attentions', 'rule_cosines']],
  usesBudget: () => true,
  detail: ({ worst, plan }) => (plan === '0' ? (worst ? 'its worst plan' : '') : `plan ${plan}`),
  make: ({ worst, plan }) => ({
    score: (layer, budget) => scoresBy(rules[planned(plan, layer) ?? measured(layer, worst)]!, layer, budget),
  }),
});

/** What a plan that is written out says of a layer; undefined where that was left to the calibration. */
function planned(plan: string, { layer }: LayerView): number | undefined {
  const list = listOf(plan);
  const number = list[Math.min(layer, list.length - 1)]!;
  return number ? number - 1 : undefined;
}

function measured(layer: LayerView, worst: boolean): number {
  const cosines = layer.learned('rule_cosines');
  return favourite(ofHeads(layer.counts.map((_, kvHead) => cosines.subarray(kvHead * rules.length))), worst);
}

/** For each rule the mean cosine over KV heads. @param rows [kvHeads][rules] */
export const ofHeads = (rows: readonly Float32Array[]): number[] =>
  rules.map((_, r) => rows.reduce((sum, row) => sum + row[r]!, 0) / rows.length);

/** Which rule has the largest cosine, or the smallest; of equal ones the first. */
export const favourite = (cosines: readonly number[], worst: boolean): number =>
  cosines.reduce(
    (chosen, cosine, r) => ((worst ? cosine < cosines[chosen]! : cosine > cosines[chosen]!) ? r : chosen),
    0,
  );

/** A rule with its own defaults, as near as this budget allows. */
function scoresBy({ settings, fit, make }: ScoreMember, layer: LayerView, budget: number): Float64Array[] {
  const usual = defaults(settings);
  return make(fit?.(usual, layer.seq, budget) ?? usual, []).score(layer, budget);
}

/** For each KV head how much of its output's direction is left for what follows a text of which a rule keeps a few entries. */
function cosinesOf(layer: LayerView, { text }: Lesson, rule: ScoreMember): number[] {
  const entries = layer.counts.map(() => Int32Array.from({ length: text }, (_, i) => i));
  const kept = scoresBy(rule, new PartView(layer, entries, text), left).map((row) =>
    best(row, Math.min(left, row.length)),
  );
  return cutOutputs(layer, text, kept).map((tokens) => mean(tokens.map(cosine)));
}

/** 0 where one of the two is nothing. */
function cosine({ full, cut }: Outputs): number {
  const [length, other] = [full, cut].map((x) => Math.sqrt(dot(x, 0, x, 0, x.length)));
  return length && other ? dot(full, 0, cut, 0, full.length) / (length * other) : 0;
}

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
