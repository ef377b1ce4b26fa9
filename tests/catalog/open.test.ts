import { expect, test } from 'vitest';
import { notLookedUp, notStated } from '../../src/catalog/values.ts';
import { entries } from './entries.ts';

/** Every text of a value, however deep it stands. */
const texts = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(texts)
      : [];

const count = (wanted: string) =>
  entries.flatMap(({ data }) => texts(data)).filter((text) => text.trim() === wanted).length;

/** This number may only go down: whoever looks something up lowers it. */
const most = 16;

test('no more fields than before are not looked up', () => {
  const left = count(notLookedUp);
  const derived = entries.flatMap(({ data }) => Object.values(data.worksWith)).filter(({ derived }) => derived).length;
  console.log(`${left} fields not looked up, ${count(notStated)} not stated, ${derived} marks derived`);
  expect(left).toBeLessThanOrEqual(most);
});
