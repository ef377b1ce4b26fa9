import { parseLane, termsOf } from '../engine/lane-spec.ts';
import type { View } from '../state/view.ts';

/** The views that pages open with. Their links are published: what they show must not change (tests/state/published-links.json holds more of them). */
export const homeView: Partial<View> = {
  lanes: ['full', 'streaming-llm', 'h2o', 'snapkv'],
  // Right, wrong, right, right: what these lanes do on 53 of the first 120 seeds, and on no other pattern as often.
  seed: 8,
  moment: 'visible',
  length: 192,
  question: 0,
  keep: 0.25,
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
