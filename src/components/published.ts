import { parseLane, termsOf } from '../engine/lane-spec.ts';
import { makePlan } from '../engine/plan.ts';
import type { View } from '../state/view.ts';

/** The views that pages open with. Their links are published: what they show must not change (tests/state/published-links.json holds more of them). */
export const homeView: Partial<View> = {
  lanes: ['full', 'snapkv', 'snapkv+compact', 'kivi', 'kvflash(every=1)'],
  // Right, wrong, wrong, right, right: what these lanes do on 37 of the first 60 seeds.
  seed: 7,
  moment: 'later',
  length: 128,
  question: 0,
  keep: 0.3,
};

/** A method beside the two lines that every comparison needs: nothing dropped, and dropped by lot. */
export const methodView = (lane: string): Partial<View> => ({
  lanes: lane === 'full' ? ['full'] : lane === 'random' ? ['full', 'random'] : ['full', lane, 'random'],
  seed: 145,
  length: 192,
  question: 0,
  keep: 0.25,
  // What a lane does more than once shows when more than one question is asked.
  turns: termsOf(parseLane(lane).spec, 'schedule').length ? 3 : 1,
  // What has two memories is shown with its two rooms.
  ...(makePlan(parseLane(lane).spec).retriever.arrange ? { view: 'rooms' as const } : {}),
});

/** Lanes whose blocks stay, beside the one that packs what is left, and the one that leaves the end of the text alone. */
export const occupancyView: Partial<View> = {
  lanes: ['random', 'knorm', 'snapkv', 'streaming-llm', 'knorm+compact', 'knorm+compact(order=false)'],
  seed: 7,
  length: 512,
  question: 0,
  keep: 0.2,
  texts: 2,
};

export const labView: Partial<View> = {
  lanes: ['full', 'streaming-llm', 'h2o', 'snapkv', 'snapkv+kivi', 'random'],
  seed: 7,
  length: 256,
  question: 0,
  keep: 0.25,
};
