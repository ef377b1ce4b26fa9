import { expect, test } from 'vitest';
import { typesSentence } from '../../src/figures/cache-types.ts';
import type { Trip } from '../../src/state/studies/cache-types.ts';

const trip = (type: Trip['type'], codes: number, scales: number, off: number, answer = '12'): Trip => ({
  ...{ type, codes, scales, keys: off, values: off, output: off / 2 },
  ...{ kl: off, answer, right: answer === '12' },
});
const question = 'what is the code for the mill ?';

test('the sentence names the first type and the smallest, and the answers that changed', () => {
  const trips = [trip('f16', 1, 0, 0), trip('q8_0', 0.5, 0.03, 0.01), trip('q4_0', 0.25, 0.03, 0.5)];
  expect(typesSentence({ tokens: 9, question, trips })).toBe(
    'Every key and value of 9 tokens, written in blocks and read back: q8_0 takes 53\u00a0% of the bytes, and what attention puts out is off by 0.5\u00a0%, its keys by 1.0\u00a0%; q4_0 takes 28\u00a0% of the bytes, and what attention puts out is off by 25\u00a0%, its keys by 50\u00a0%. Asked “What is the code for the mill?”, all answer as f16 does. Measured here.',
  );
  const changed = [...trips.slice(0, 2), trip('q4_0', 0.25, 0.03, 0.5, '13')];
  expect(typesSentence({ tokens: 9, question, trips: changed })).toContain(
    ' The answer changes in q4_0. Measured here.',
  );
});
