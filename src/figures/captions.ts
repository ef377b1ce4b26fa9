import { parseLane, scoreOf, termsOf, type LaneSpec, type Term } from '../engine/lane-spec.ts';
import type { Caption, Role } from '../engine/member.ts';
import type { Lever } from '../catalog/values.ts';
import { memberOf } from '../engine/members.ts';

/** What a term is called, with what its settings and inner terms add. */
function termCaption({ name, settings, terms }: Term): Caption {
  const member = memberOf(name)!;
  const detail = member.detail?.(settings);
  const own = { name: detail ? `${member.caption.name}, ${detail}` : member.caption.name, idea: member.caption.idea };
  const inner = terms.map(termCaption);
  if (!inner.length) return own;
  if (member.role === 'codec')
    return { name: `${own.name}: ${inner.map((one) => one.name).join('; ')}`, idea: own.idea };
  return { name: `${inner[0]!.name}, ${own.name}`, idea: `${own.idea}: ${inner[0]!.idea}` };
}

/** Roles that do something even where nothing is evicted: they name such a lane, the first of them that is there. */
const naming: readonly Role[] = ['codec', 'retrieval'];

/** How a lane is called, and what it keeps in a few words. */
export function laneCaption(spec: LaneSpec): Caption {
  const score = termsOf(spec, 'budget')[0] ?? scoreOf(spec);
  const others = [...naming, 'fate', 'schedule'] as const;
  const [named] = score.name === 'full' ? naming.flatMap((role) => termsOf(spec, role)) : [];
  const first = named ?? score;
  const rest = others.flatMap((role) => termsOf(spec, role)).filter((term) => term !== first);
  const { name, idea } = termCaption(first);
  const codec = rest.find((term) => memberOf(term.name)!.role === 'codec');
  const added = rest.map((term) => memberOf(term.name)!.caption.name);
  const detail = codec && (memberOf(codec.name)!.detail?.(codec.settings) ?? memberOf(codec.name)!.caption.idea);
  return { name: [name, ...added].join(' + '), idea: detail ? `${idea}, at ${detail}` : idea };
}

/** What a lane does beside dropping tells it from others, so that comes first. */
const leverOfRole = { retrieval: 'fetch', codec: 'compress', fate: 'page' } as const satisfies Partial<
  Record<Role, Lever>
>;

/** The lever that a lane pulls; none where it keeps everything as it is. A fate that packs gives pages back; any other only changes what eviction loses. */
export function laneLever(spec: LaneSpec): Lever | undefined {
  for (const [role, lever] of Object.entries(leverOfRole)) {
    if (termsOf(spec, role as Role).some(({ name }) => role !== 'fate' || name === 'compact')) return lever;
  }
  return scoreOf(spec).name === 'full' ? undefined : 'evict';
}

/** Several lanes of one method are told apart by what their specs say beyond the name. */
export const laneTitle = (lane: string) => laneCaption(parseLane(lane).spec).name;

/** Names for menus. */
export const methodName = (name: string) => memberOf(name)?.caption.name ?? name;
