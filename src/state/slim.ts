import type { Event } from '../engine/events.ts';
import type { Shown } from './compare.ts';

const lighter = (event: Event): Event =>
  event.type === 'answer'
    ? { ...event, attention: { positions: event.attention.positions, weights: event.attention.weights } }
    : event;

/** Without the attention of every single head, which is most of a run's size: small enough to be written into a page. */
export const slim = (shown: Shown): Shown => ({
  ...shown,
  lanes: shown.lanes.map((lane) => ({ ...lane, events: lane.events.map(lighter) })),
});
