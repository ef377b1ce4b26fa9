import {
  cellOf,
  diagnose,
  diagnosisBits,
  type FlipCell,
  type Flips,
  type Repair,
  type Scaling,
} from '../engine/measure/diagnosis.ts';
import { percent } from './sentence.ts';

export const scalingNames: Readonly<Record<Scaling, string>> = {
  tensor: 'one scale',
  channel: 'a scale for each channel',
  token: 'a scale for each token',
};

const repairNames: Readonly<Record<Repair, (layer: number) => string>> = {
  layer: (layer) => `keep layer ${layer} at 16 bits`,
  mixed: (layer) => `scales by channel in layer ${layer}, by token elsewhere`,
  tokens: () => 'scales by token everywhere',
  everything: () => 'keep everything at 16 bits',
};

const share = ({ flipped, of }: Flips) => (of ? flipped / of : 0);
const outOf = ({ flipped, of }: Flips) => `${flipped} of ${of}`;

/** Of a mean divergence in nats a token, by how much perplexity is larger. */
export const factor = (kl: number) => Math.exp(kl).toFixed(2);

/** The written cache that hides most: rules flip, and facts do not. */
export const hides = (cells: readonly FlipCell[]): FlipCell =>
  cells
    .filter(({ part }) => !part)
    .reduce((most, cell) => (share(cell.rule) - share(cell.fact) > share(most.rule) - share(most.fact) ? cell : most));

export function flipsSentence(cells: readonly FlipCell[]): string {
  const { bits, scaling, rule, fact, kl } = hides(cells);
  return `At ${bits} bits with ${scalingNames[scaling]}, perplexity grows by a factor of ${factor(kl)}, and of ${fact.of} facts ${fact.flipped} ${fact.flipped === 1 ? 'is' : 'are'} lost. Yet of ${rule.of} answers that obeyed a rule of the text at 16 bits, ${rule.flipped} no longer do. Measured here: a small model’s rule, not safety.`;
}

/** What the paper’s test says of this model, and what comes of it. */
export function diagnosisSentences(cells: readonly FlipCell[]): string[] {
  const whole = cellOf(cells, { scaling: 'tensor', bits: diagnosisBits })!;
  const others = cells.filter(({ part }) => part === 'others');
  const saved = others.reduce((best, cell) => (cell.rule.flipped < best.rule.flipped ? cell : best));
  const spared = `All layers in ${diagnosisBits} bits flip ${outOf(whole.rule)}; all but layer ${saved.layer!} flip ${saved.rule.flipped}.`;
  const found = diagnose(cells);
  if (!found) return [spared, 'No layer flips a rule by itself, so there is no critical layer and no ratio.'];
  const { layer, ratio, repair, repaired } = found;
  const alone = cellOf(cells, { scaling: 'tensor', bits: diagnosisBits, layer, part: 'only' })!;
  const tokens = cellOf(cells, { scaling: 'token', bits: diagnosisBits })!;
  return [
    spared,
    `By itself layer ${layer} flips most, ${outOf(alone.rule)}. Scales by channel there remove ${percent(ratio)} of them: the per-channel reduction ratio, which selects “${repairNames[repair](layer)}”.`,
    `That leaves ${repaired ? repaired.rule.flipped : 0}; “${repairNames.tokens(layer)}” leaves ${tokens.rule.flipped}.${alone.rule.flipped < 10 ? ` A ratio of ${alone.rule.flipped} flips is hardly more than chance.` : ''}`,
  ];
}
