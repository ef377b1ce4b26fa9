/** Any lane: every member of every role, with every allowed value of its settings, wrapped as deep as a link may, and chains of fates. */
import fc from 'fast-check';
import { defaultTerms, type LaneSpec, type Term } from '../../src/engine/lane-spec.ts';
import { membersOf, type AnyMember } from '../../src/engine/members.ts';
import type { Role } from '../../src/engine/member.ts';
import type { Setting, SettingTable, SettingValue } from '../../src/engine/settings.ts';

/** Levels of terms that a spec may have: one, and six inside it. */
const levels = 7;

function valueOf(setting: Setting): fc.Arbitrary<SettingValue> {
  if (setting.kind === 'switch') return fc.boolean();
  if (setting.kind === 'choice' || setting.kind === 'word') return fc.constantFrom(...setting.choices);
  if (setting.kind === 'number') return numberIn(setting);
  return fc.array(numberIn(setting), { minLength: 1, maxLength: setting.longest }).map((numbers) => numbers.join(':'));
}

const numberIn = ({ min, max, step }: { min: number; max: number; step: number }) =>
  fc.nat(Math.floor((max - min) / step + 1e-9)).map((steps) => Number((min + steps * step).toPrecision(12)));

const settingsOf = (table: SettingTable): fc.Arbitrary<Record<string, SettingValue>> =>
  fc.record(Object.fromEntries(Object.entries(table).map(([key, setting]) => [key, valueOf(setting)])), {
    noNullPrototype: true,
  });

const termOf = ({ name, settings, wraps = [] }: AnyMember, depth: number): fc.Arbitrary<Term> =>
  fc.record(
    {
      name: fc.constant(name),
      settings: settingsOf(settings),
      terms: fc.tuple(...wraps.map(({ role }) => termIn(role, depth - 1))),
    },
    { noNullPrototype: true },
  );

/** What wraps is tried as often as all that does not, so that there are deep terms however many members there are. */
const termIn = (role: Role, depth: number, but: string[] = []): fc.Arbitrary<Term> => {
  const some = membersOf(role).filter(({ name }) => !but.includes(name));
  const kinds = [some.filter(({ wraps }) => !wraps), some.filter(({ wraps }) => wraps && depth > 1)];
  const among = fc.oneof(...kinds.filter(({ length }) => length).map((kind) => fc.constantFrom(...kind)));
  return among.chain((member) => termOf(member, depth));
};

/** Any term of a role. */
export const terms = (role: Role): fc.Arbitrary<Term> => termIn(role, levels);

/** A term that says something: what a lane does anyway is not written out. */
const said = (role: Role) => termIn(role, levels, [defaultTerms[role]]);

const maybe = (role: Role): fc.Arbitrary<Term[]> => fc.option(said(role)).map((term) => (term ? [term] : []));

const full: Term = { name: 'full', settings: {}, terms: [] };

/** As parsing gives them: by role in one order, without what is meant anyway. */
export const specs: fc.Arbitrary<LaneSpec> = fc
  .tuple(
    fc.oneof(
      fc.constant([]),
      said('score').map((term) => [term]),
      said('budget').map((term) => [term]),
    ),
    maybe('schedule'),
    fc.array(said('fate'), { maxLength: 4 }),
    maybe('codec'),
    maybe('retrieval'),
  )
  .map((parts) => parts.flat())
  .map((all) => ({ terms: all.length ? all : [full] }));
