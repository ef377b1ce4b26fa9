/** Any lane: every policy, every codec, every allowed value of their settings. */
import fc from 'fast-check';
import { policies } from '../../src/engine/eviction/index.ts';
import type { Chosen, LaneSpec } from '../../src/engine/lane-spec.ts';
import { codecs } from '../../src/engine/quantization/index.ts';
import type { Setting, SettingTable } from '../../src/engine/settings.ts';

function valueOf(setting: Setting): fc.Arbitrary<number | boolean> {
  if (setting.kind === 'switch') return fc.boolean();
  if (setting.kind === 'choice') return fc.constantFrom(...setting.choices);
  const { min, max, step } = setting;
  return fc.nat(Math.floor((max - min) / step + 1e-9)).map((steps) => Number((min + steps * step).toPrecision(12)));
}

const settingsOf = (table: SettingTable): fc.Arbitrary<Record<string, number | boolean>> =>
  fc.record(Object.fromEntries(Object.entries(table).map(([key, setting]) => [key, valueOf(setting)])), {
    noNullPrototype: true,
  });

const chosenFrom = (
  table: Readonly<Record<string, { readonly name: string; readonly settings: SettingTable }>>,
): fc.Arbitrary<Chosen> =>
  fc
    .constantFrom(...Object.values(table))
    .chain(({ name, settings }) => settingsOf(settings).map((values) => ({ name, settings: values })));

export const specs: fc.Arbitrary<LaneSpec> = fc
  .record({ policy: chosenFrom(policies), inverted: fc.boolean(), codec: fc.option(chosenFrom(codecs)) })
  .map(({ codec, ...rest }) => (codec ? { ...rest, codec } : rest));
