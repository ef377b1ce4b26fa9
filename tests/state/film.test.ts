import { describe, expect, test } from 'vitest';
import { heldTokens, Timeline } from '../../src/engine/timeline.ts';
import { Comparer, type Shown } from '../../src/state/compare.ts';
import { Film } from '../../src/state/film.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { engineOf } from '../engine/harbour.ts';

const comparer = new Comparer(engineOf());
const view: View = { ...defaultView, lanes: ['full', 'h2o', 'random'], length: 128, keep: 0.05 };
const ticksOf = ({ prompt, shape, lanes }: Shown) =>
  lanes.map(({ events }) => new Timeline(events, shape, prompt.events).ticks);

/** The first text on which the lanes answer at different lengths. */
function uneven(change: Partial<View> = {}): Shown {
  for (let seed = 1; seed < 30; seed++) {
    const shown = comparer.compare({ ...view, ...change, seed });
    if (new Set(ticksOf(shown)).size > 1) return shown;
  }
  throw new Error('All lanes answer alike on all texts.');
}
const shown = uneven();
const film = new Film(shown);
const phases = (one: Film) => Array.from({ length: one.ticks + 1 }, (_, tick) => one.phase(tick));

/** A list of phases without repeats, each with how often it came in a row. */
const inRows = (list: readonly string[]) =>
  list.reduce<[string, number][]>((rows, phase) => {
    if (rows.at(-1)?.[0] === phase) rows.at(-1)![1]++;
    else rows.push([phase, 1]);
    return rows;
  }, []);

describe('a film', () => {
  test('is as long as its longest lane, which also tells the phase', () => {
    expect(film.ticks).toBe(Math.max(...ticksOf(shown)));
    // 128 tokens in blocks of 16, then layer by layer, then the question word by word, then the longest answer with its full stop.
    const longest = Math.max(...shown.lanes.map(({ outcome }) => outcome!.answer.length));
    expect(inRows(phases(film))).toEqual([
      ['start', 1],
      ['read', 8],
      ['compress', 4],
      ['ask', shown.prompt.question.length],
      ['answer', film.ticks - 12 - shown.prompt.question.length],
    ]);
    expect(film.ticks - 12 - shown.prompt.question.length).toBeGreaterThanOrEqual(longest);
  });

  test('its phases follow one another without a gap, and each stretch is of the phase that its ticks say', () => {
    const { spans } = film;
    expect(spans.map(({ phase }) => phase)).toEqual(['read', 'compress', 'ask', 'answer']);
    expect([spans[0]!.from, spans.at(-1)!.to]).toEqual([0, film.ticks]);
    for (const [i, { phase, from, to }] of spans.entries()) {
      if (i) expect(from).toBe(spans[i - 1]!.to);
      expect([film.phase(from + 1), film.phase(to)]).toEqual([phase, phase]);
    }
  });

  test('of lanes that have not answered yet has a phase at every tick', () => {
    const underway = comparer.start({ ...view, lanes: ['full', 'kvflash(every=1)', 'h2o'] });
    const begun = new Film(underway.shown);
    underway.cancel();
    const known = new Set(['read', 'compress', 'ask', 'answer']);
    expect(begun.spans.length).toBeGreaterThan(2);
    expect(begun.spans.filter(({ phase }) => !known.has(phase))).toEqual([]);
  });

  test('a lane with a shorter answer stands still', () => {
    const ends = ticksOf(shown);
    const short = ends.findIndex((end) => end < film.ticks);
    const end = ends[short]!;
    expect(film.at(film.ticks)[short]).toEqual(film.at(end)[short]);
    expect(film.at(end)[short]!.answer).not.toEqual(film.at(end - 1)[short]!.answer);
  });

  test('shows the same frame at a tick however it was wound there', () => {
    const alone = (tick: number) => new Film(shown).at(tick);
    for (const tick of [13, 3, film.ticks, 9, 13, 0]) expect(film.at(tick)).toEqual(alone(tick));
  });

  test('shows every lane alike until they shrink, and the budget after', () => {
    const [full, h2o, random] = film.at(8);
    expect(h2o).toEqual(full);
    expect(random).toEqual(full);
    const held = film.at(12).map((frame) => heldTokens(frame, shown.shape.tokens, 0).length);
    expect(held).toEqual([128, 6, 6]);
  });

  test('gives the same frames for as long as the tick is the same', () => {
    expect(film.at(5)).toBe(film.at(5));
    expect(film.at(5)).not.toBe(film.at(6));
  });
});

test('what is shown before the lanes answer is how the whole film begins', () => {
  const evicting = { ...shown.view, lanes: ['h2o', 'random'] };
  const underway = comparer.start(evicting);
  const opening = new Film(underway.shown);
  const whole = new Film(underway.finish());
  // All but the last word of the question have been read, and the last is being read.
  expect(opening.ticks).toBe(12 + shown.prompt.question.length);
  for (let tick = 0; tick < opening.ticks; tick++) {
    expect(opening.at(tick)).toEqual(whole.at(tick));
    expect(opening.phase(tick)).toBe(whole.phase(tick));
  }
  for (const frame of opening.at(opening.ticks)) expect(frame.answer).toEqual([]);
  expect(whole.ticks).toBeGreaterThan(opening.ticks);
});

test('several turns ask and answer one after the other', () => {
  const turns = new Film(comparer.compare({ ...view, lanes: ['full'], turns: 3 }));
  const later = inRows(phases(turns)).map(([phase]) => phase);
  expect(later).toEqual(['start', 'read', 'compress', 'ask', 'answer', 'ask', 'answer', 'ask', 'answer']);
  // Lanes that say less come to the next question sooner; the longest one tells.
  const { prompt, shape, lanes, ...rest } = uneven({ turns: 3 });
  const timelines = lanes.map(({ events }) => new Timeline(events, shape, prompt.events));
  const longest = timelines.reduce((a, b) => (b.ticks > a.ticks ? b : a));
  expect(new Set(timelines.map((timeline) => timeline.phases.join())).size).toBeGreaterThan(1);
  expect(phases(new Film({ ...rest, prompt, shape, lanes })).slice(1)).toEqual(longest.phases);
});

test('nothing to show has no ticks', () => {
  const empty = new Film({ ...shown, lanes: [] });
  expect([empty.ticks, empty.at(3), empty.phase(0), empty.phase(3)]).toEqual([0, [], 'start', 'start']);
});
