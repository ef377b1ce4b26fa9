import { expect, test } from 'vitest';
import type { FlipCell, Written } from '../../src/engine/measure/diagnosis.ts';
import { diagnosisSentences, factor, flipsSentence, hides } from '../../src/figures/flips.ts';

const cell = (written: Written, rule: number, fact = 0, kl = 0): FlipCell => ({
  lane: JSON.stringify(written),
  ...written,
  rule: { flipped: rule, of: 50, within: [0, 1] },
  fact: { flipped: fact, of: 40, within: [0, 1] },
  kl,
  within: [kl, kl],
});

const cells = [
  cell({ scaling: 'tensor', bits: 3 }, 20, 30, 1),
  cell({ scaling: 'channel', bits: 3 }, 10, 1, Math.log(1.5)),
  cell({ scaling: 'token', bits: 3 }, 2, 3, 0.1),
  ...[4, 12].flatMap((flips, layer) => [
    cell({ scaling: 'tensor', bits: 3, layer, part: 'only' }, flips),
    cell({ scaling: 'channel', bits: 3, layer, part: 'only' }, flips / 4),
    cell({ scaling: 'tensor', bits: 3, layer, part: 'others' }, 15 - flips),
    cell({ scaling: 'channel', bits: 3, layer, part: 'mixed' }, 5),
  ]),
];

test('what hides most is where rules flip and facts do not, in shares', () => {
  expect(hides(cells)).toBe(cells[1]);
  expect(factor(Math.log(2))).toBe('2.00');
});

test('in words', () => {
  expect(flipsSentence(cells)).toBe(
    'At 3 bits with a scale for each channel, perplexity grows by a factor of 1.50, and of 40 facts 1 is lost. Yet of 50 answers that obeyed a rule of the text at 16 bits, 10 no longer do. Measured here: a small model’s rule, not safety.',
  );
  expect(diagnosisSentences(cells)).toEqual([
    'All layers in 3 bits flip 20 of 50; all but layer 1 flip 3.',
    'By itself layer 1 flips most, 12 of 50. Scales by channel there remove 75 % of them: the per-channel reduction ratio, which selects “scales by token everywhere”.',
    'That leaves 2; “scales by token everywhere” leaves 2.',
  ]);
});

test('where no layer flips anything by itself there is no ratio', () => {
  const none = cells.map((one) => (one.part === 'only' ? { ...one, rule: { ...one.rule, flipped: 0 } } : one));
  expect(diagnosisSentences(none)[1]).toBe(
    'No layer flips a rule by itself, so there is no critical layer and no ratio.',
  );
});
