import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import ComparisonFigure from '../../src/figures/Comparison.svelte';
import CurveFigure from '../../src/figures/Curve.svelte';
import { rows } from '../../src/figures/data.ts';
import { sentence } from '../../src/figures/sentence.ts';
import { Clock } from '../../src/state/clock.svelte.ts';
import type { Comparer } from '../../src/state/compare.ts';
import { Comparison } from '../../src/state/comparison.svelte.ts';
import { settle } from '../../src/figures/resting.ts';
import { readLink, writeLink } from '../../src/state/link.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { Ports, type FakePort } from '../state/ports.ts';
import { answer, answering, shippedComparer } from './shipped.ts';

const view: View = { ...defaultView, lanes: ['full', 'h2o'], length: 64, seed: 3 };

let comparer: Comparer;
beforeAll(async () => {
  comparer = await shippedComparer();
});

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A comparison whose picture stands on the page already, as it was built, and whose worker has been asked for it. */
function begin({ query = '', built = true, writesLink = false, initial = view } = {}) {
  const ports = new Ports();
  const comparison = new Comparison(initial, built ? comparer.compare(initial) : undefined, writesLink);
  stops.push(comparison.start('/', query, ports.open));
  return { comparison, ports, port: ports.newest };
}

/** One that has its answer. */
function ready(options: Parameters<typeof begin>[0] = {}) {
  const begun = begin(options);
  answer(comparer, begun.port);
  return begun;
}

/** Everything that is said and saved of what is drawn. */
const said = (comparison: Comparison) => {
  const shown = comparison.shown!;
  return {
    sentence: sentence(shown, comparison.frames, comparison.phase),
    rows: rows(shown),
    link: writeLink(comparison.drawn),
    frames: comparison.frames,
  };
};

const fail = (port: FakePort, message = 'It broke.') =>
  port.reply({ type: 'failed', id: port.last('compare').id, message });

describe('what is drawn', () => {
  test('of a picture that shows scores, the engine is asked for them: when it is chosen, and with what is asked while it is looked at', () => {
    const { comparison, port } = ready();
    expect(comparison.shown!.lanes.map(({ ranks }) => ranks)).toEqual([undefined, undefined]);
    const asked = () => port.asked('compare').length;
    const before = asked();
    comparison.set({ view: 'heads' });
    expect(asked()).toBe(before);
    comparison.set({ view: 'scores' });
    expect(asked()).toBe(before + 1);
    expect(comparison.pending).toBe(false);
    answer(comparer, port);
    expect(comparison.shown!.lanes.map(({ ranks }) => ranks!.length)).toEqual([0, 16 * 64]);
    // Looked at again or otherwise, they are there already.
    comparison.set({ view: 'scores', layer: 2 });
    expect(asked()).toBe(before + 1);
    comparison.set({ keep: 0.5 });
    expect(port.last('compare').view.view).toBe('scores');
  });

  test('is what was built until the engine answers, and then the same', () => {
    const { comparison, port } = begin();
    expect(port.sent.map(({ type }) => type)).toEqual(['load', 'compare']);
    expect(port.last('compare').view).toEqual(view);
    expect(comparison.pending).toBe(false);
    const before = said(comparison);
    expect(before.sentence).toContain('With 25 % of the cache');
    answer(comparer, port);
    expect(said(comparison)).toEqual(before);
  });

  test('is nothing where nothing was built, until the engine answers', () => {
    const { comparison, port } = begin({ built: false });
    expect([comparison.shown, comparison.pending, comparison.ticks, comparison.tick]).toEqual([undefined, true, 0, 0]);
    expect([comparison.frames, comparison.phase, comparison.drawn]).toEqual([[], 'start', view]);
    answer(comparer, port);
    expect([comparison.pending, comparison.ticks > 10]).toEqual([false, true]);
  });

  test('stays the run that it is while another is asked for: sentence, rows, link and film', () => {
    const { comparison, port } = ready();
    const before = said(comparison);
    comparison.set({ keep: 0.05 });
    expect(comparison.view.keep).toBe(0.05);
    expect(comparison.pending).toBe(true);
    expect(comparison.drawn.keep).toBe(0.25);
    expect(said(comparison)).toEqual(before);
    expect(before.sentence).toContain('25 %');
    expect(before.rows.map(({ keep }) => keep)).toEqual([0.25, 0.25]);
    expect(before.link).toContain('keep=0.25');
    // The address of the page is what was asked for.
    expect(comparison.link).toContain('keep=0.05');

    const next = answering(comparer, port);
    next.keep();
    expect([comparison.pending, comparison.drawn.keep]).toEqual([false, 0.05]);
    expect(said(comparison).sentence).toBe('With 5 % of the cache, each lane is about to answer.');
    expect(said(comparison).rows).toEqual([]);
    next.compare();
    expect(said(comparison).sentence).toContain('With 5 % of the cache, asked');
    expect(said(comparison).rows.map(({ lane, keep }) => [lane, keep])).toEqual([
      ['full', 0.05],
      ['h2o', 0.05],
    ]);
  });

  test('keeps what was found when it was built while the same is run again, and nothing of another run', () => {
    const causes = (one: Comparison) => one.shown!.lanes.map((lane) => lane.causes);
    const { comparison, port } = begin();
    const explained = comparer.explain(view);
    comparison.shown = explained;
    const found = causes(comparison);
    expect(found).not.toContain(undefined);
    const again = answering(comparer, port);
    again.keep();
    expect(causes(comparison)).toEqual(found);
    again.compare();
    expect(causes(comparison)).toEqual(found);
    comparison.set({ keep: 0.5 });
    answer(comparer, port);
    // The full cache answers as it did at any other budget.
    expect(causes(comparison)).toEqual([found[0], undefined]);
    port.reply({ type: 'causes', id: port.last('compare').id, lane: 1, causes: [{ position: 4, loss: 2 }] });
    expect(causes(comparison)).toEqual([found[0], [{ position: 4, loss: 2 }]]);
    // What is said and where the clock stands is as it was.
    expect([comparison.pending, comparison.tick]).toEqual([false, comparison.ticks]);
  });

  test.each<Partial<View>>([
    { lanes: ['full', 'tova'] },
    { seed: 4 },
    { length: 80 },
    { kinds: ['code'] },
    { question: 1 },
    { moment: 'visible' },
    { reading: 'spliced' },
    { turns: 2 },
    { keep: 0.5 },
    { text: 'It rained.', ask: 'Where?' },
  ])('is another run for %o', (change) => {
    const { comparison, port } = ready();
    const before = said(comparison);
    comparison.set(change);
    expect([comparison.pending, port.asked('compare').length]).toEqual([true, 2]);
    expect(said(comparison)).toEqual(before);
    answer(comparer, port);
    expect(comparison.pending).toBe(false);
    expect(comparison.drawn).toMatchObject(change);
  });

  test.each<Partial<View>>([{ view: 'bytes' }, { tick: 3 }, { layer: 2 }, { head: 1 }, { texts: 50 }])(
    'is the same run for %o, looked at differently',
    (change) => {
      const { comparison, port } = ready();
      comparison.set(change);
      expect([comparison.pending, port.asked('compare').length]).toEqual([false, 1]);
      expect(comparison.drawn).toMatchObject(change);
      // While another run is asked for, too.
      comparison.set({ keep: 0.05 });
      comparison.set(change);
      expect(comparison.drawn).toEqual({ ...view, ...change });
    },
  );

  test('follows a drag without a queue: what is asked last is what is shown in the end', () => {
    const { comparison, port } = ready();
    for (const keep of [0.2, 0.15, 0.1, 0.05]) comparison.set({ keep });
    expect(port.asked('compare').map(({ view: { keep } }) => keep)).toEqual([0.25, 0.2]);
    answer(comparer, port);
    expect([comparison.drawn.keep, comparison.pending]).toEqual([0.2, true]);
    answer(comparer, port);
    expect([comparison.drawn.keep, comparison.pending]).toEqual([0.05, false]);
    expect(port.asked('compare').length).toBe(3);
  });

  test('opens a link, and says what was wrong with it', () => {
    const { comparison, port } = begin({ query: '?v=1&lanes=full;tova&seed=3&length=64&keep=40' });
    expect(comparison.problems).toEqual(['keep: 40 became 1.']);
    expect(port.last('compare').view).toEqual({ ...view, lanes: ['full', 'tova'], keep: 1 });
    expect([comparison.pending, comparison.drawn.keep]).toEqual([true, 0.25]);
    answer(comparer, port);
    expect(comparison.shown!.lanes.map(({ lane }) => lane)).toEqual(['full', 'tova']);
  });
});

describe('a run that fails', () => {
  test('leaves what was drawn, says so, and can be tried again', () => {
    const { comparison, ports, port } = ready();
    const before = said(comparison);
    comparison.set({ keep: 0.05 });
    fail(port);
    expect(comparison.failure).toBe('It broke.');
    expect([comparison.pending, comparison.drawn.keep]).toEqual([true, 0.25]);
    expect(said(comparison)).toEqual(before);

    comparison.retry();
    expect(comparison.failure).toBeUndefined();
    expect([ports.opened.length, port.open]).toEqual([2, false]);
    expect(ports.newest.last('compare').view.keep).toBe(0.05);
    expect(said(comparison)).toEqual(before);
    answer(comparer, ports.newest);
    expect([comparison.pending, comparison.drawn.keep, comparison.failure]).toEqual([false, 0.05, undefined]);
  });

  test('after its lanes have shrunk leaves what they hold', () => {
    const { comparison, port } = ready();
    comparison.set({ keep: 0.05 });
    answering(comparer, port).keep();
    fail(port);
    expect(comparison.failure).toBe('It broke.');
    expect([comparison.drawn.keep, said(comparison).rows]).toEqual([0.05, []]);
    expect(said(comparison).sentence).toBe('With 5 % of the cache, each lane is about to answer.');
  });

  test('is forgotten when another one succeeds', () => {
    const { comparison, port } = ready();
    comparison.set({ keep: 0.05 });
    fail(port);
    comparison.set({ keep: 0.1 });
    expect(comparison.failure).toBe('It broke.');
    answer(comparer, port);
    expect([comparison.failure, comparison.drawn.keep]).toEqual([undefined, 0.1]);
  });

  test('as the worker stopped is tried again with a new one', () => {
    const { comparison, ports, port } = ready();
    port.stop();
    expect(comparison.failure).toBe('The engine stopped.');
    comparison.set({ keep: 0.05 });
    comparison.retry();
    answer(comparer, ports.newest);
    expect([comparison.failure, comparison.drawn.keep]).toEqual([undefined, 0.05]);
  });
});

describe('the figure', () => {
  /** The texts of files that are saved while `act` runs. */
  async function saved(act: () => Promise<void>): Promise<string> {
    const files: Blob[] = [];
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
    const make = vi.spyOn(URL, 'createObjectURL').mockImplementation((file) => {
      files.push(file as Blob);
      return 'blob:test';
    });
    await act();
    click.mockRestore();
    make.mockRestore();
    expect(files.length).toBe(1);
    return files[0]!.text();
  }
  const save = (name: string) =>
    saved(() => userEvent.click(page.getByRole('button', { name: `save ${name}`, exact: true })));
  const picture = (container: Element) => ({
    sentence: container.querySelector('.figure-sentence')!.textContent,
    words: [...container.querySelectorAll('.lane-words')].map(({ innerHTML }) => innerHTML),
    sums: [...container.querySelectorAll('.lane-sum')].map(({ textContent }) => textContent.trim()),
    limits: [...container.querySelectorAll('.limit')].map((limit) => limit.getAttribute('x')),
  });

  test('draws, says and saves the run that it has, while another is asked for and after that failed', async () => {
    const { comparison, ports, port } = ready();
    const { container } = await render(ComparisonFigure, { title: 'Memories', base: '/', shared: comparison });
    const files = async () => ({ csv: await save('CSV'), json: JSON.parse(await save('JSON')) as { link: string } });
    const [before, kept] = [picture(container), await files()];
    expect(before.sentence).toContain('With 25 % of the cache');
    expect(kept.csv).toContain('h2o,0.25,later');
    expect(readLink(new URL(kept.json.link).search).view).toEqual(view);

    const slider = () => container.querySelector<HTMLInputElement>('.budget input')!;
    await userEvent.fill(slider(), '0.05');
    expect([comparison.pending, container.querySelector('output')!.textContent]).toEqual([true, '5 %']);
    expect(picture(container)).toEqual(before);
    expect(await files()).toEqual(kept);

    fail(port);
    await expect
      .element(page.getByRole('alert'))
      .toHaveTextContent('It broke. The picture is still that of 25 % of the cache. try again');
    expect(picture(container)).toEqual(before);
    expect(await files()).toEqual(kept);

    await userEvent.click(page.getByRole('button', { name: 'try again' }));
    answer(comparer, ports.newest);
    await expect.element(page.getByRole('alert')).not.toBeInTheDocument();
    settle();
    const after = picture(container);
    expect(after.sentence).toContain('With 5 % of the cache');
    expect(after.words[0]).toBe(before.words[0]);
    expect(after.words[1]).not.toBe(before.words[1]);
    expect(after.limits).not.toEqual(before.limits);
    expect((await files()).csv).toContain('h2o,0.05,later');
    expect(readLink(new URL((await files()).json.link).search).view).toEqual({ ...view, keep: 0.05 });
  });

  test('leaves the last answer in its place, dimmed and unsaid, until the next one is there', async () => {
    const { comparison, port } = ready();
    const { container } = await render(ComparisonFigure, { title: 'Memories', base: '/', shared: comparison });
    const line = () => container.querySelectorAll('.answer-line')[1]!;
    const [before, height] = [line().querySelector('.answer')!.textContent, line().clientHeight];
    comparison.set({ keep: 0.05 });
    const next = answering(comparer, port, true);
    next.keep();
    await expect.poll(() => line().querySelector('.stale')?.textContent).toBe(before);
    expect(line().querySelector('.stale')!.getAttribute('aria-hidden')).toBe('true');
    expect([line().querySelector('.answer')!.textContent, line().querySelector('.verdict')!.textContent]).toEqual([
      '…',
      '',
    ]);
    expect(line().clientHeight).toBe(height);
    // It is not the new one for long.
    const visible = (name: string) => getComputedStyle(line().querySelector(name)!).visibility === 'visible';
    await expect.poll(() => [visible('.stale'), visible('.answer')]).toEqual([false, true]);
    next.compare();
    await expect.poll(() => line().querySelector('.stale')).toBeNull();
    expect(visible('.answer')).toBe(true);
  });

  test('is said aloud once it has come to rest, and not at each step', async () => {
    const { comparison, port } = ready();
    const { container } = await render(ComparisonFigure, { title: 'Memories', base: '/', shared: comparison });
    const aloud = () => container.querySelector('[aria-live]')!.textContent;
    for (const keep of [0.2, 0.1, 0.05]) {
      comparison.set({ keep });
      answer(comparer, port);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(aloud()).toBe('');
    }
    await expect.poll(aloud).toBe(container.querySelector('.figure-sentence')!.textContent);
  });

  test('says that the model is coming where there is nothing to show yet', async () => {
    const { comparison, port } = begin({ built: false });
    const { container } = await render(ComparisonFigure, { title: 'Memories', base: '/', shared: comparison });
    expect(container.querySelector('.figure-sentence')!.textContent).toBe('The model is being loaded.');
    expect(container.querySelectorAll('.lane').length).toBe(0);
    answer(comparer, port);
    await expect.poll(() => container.querySelectorAll('.lane').length).toBe(2);
  });

  test('shows every lane in every view', async () => {
    const lanes = ['full', 'adakv(snapkv)+merge', 'h2o+compact+kivi', 'quest', 'streaming-llm+between-turns'];
    const { comparison } = ready({ initial: { ...view, lanes, turns: 2, reading: 'warm', length: 96 } });
    const { container } = await render(ComparisonFigure, { title: 'Memories', base: '/', shared: comparison });
    for (const name of ['heads', 'pages', 'bytes', 'words'] as const) {
      comparison.set({ view: name });
      await expect.poll(() => container.querySelectorAll('.lane-view > *').length).toBeGreaterThanOrEqual(5);
      for (const tick of [0, 1, 8, 12, 'end'] as const) {
        comparison.set({ tick });
        await expect.poll(() => container.querySelectorAll('.lane').length).toBe(5);
      }
    }
    expect([...container.querySelectorAll('.lane-name')].map(({ textContent }) => textContent)).toEqual([
      'Full cache',
      'SnapKV, AdaKV + merge',
      'H2O + KIVI + compact',
      'Quest, 4 pages',
      'StreamingLLM + between turns',
    ]);
    // Two questions a lane: the earlier one, and the one that is judged.
    expect(container.querySelectorAll('.lane-answer .question').length).toBe(10);
    expect([...container.querySelectorAll('.before')].every(({ textContent }) => textContent !== '…')).toBe(true);
  });
});

describe('the curve', () => {
  const progress = (port: FakePort, done: number, of = 3) =>
    port.reply({ type: 'curve', id: port.last('curve').id, points: [], done, of });
  const own: Partial<View> = { text: 'It rained.', ask: 'Where?' };

  test('runs until the last text, for the view that it was asked for', () => {
    const { comparison, port } = ready();
    expect([comparison.curve.running, comparison.curve.view]).toEqual([false, undefined]);
    comparison.set({ texts: 3 });
    comparison.startCurve();
    const asked = comparison.view;
    expect(port.last('curve')).toMatchObject({ view: asked, seeds: 3 });
    comparison.set({ keep: 0.05 });
    expect([comparison.curve.running, comparison.curve.view]).toEqual([true, asked]);
    for (const done of [1, 2]) {
      progress(port, done);
      expect([comparison.curve.running, comparison.curve.progress?.done]).toEqual([true, done]);
    }
    progress(port, 3);
    expect([comparison.curve.running, comparison.curve.progress?.done]).toEqual([false, 3]);
  });

  test('is stopped when it is told to', () => {
    const { comparison, port } = ready();
    comparison.startCurve();
    comparison.stopCurve();
    expect([comparison.curve.running, port.sent.at(-1)]).toEqual([false, { type: 'stop' }]);
    progress(port, 1);
    expect(comparison.curve.progress).toBeUndefined();
  });

  test('ends when it fails, says so, and leaves the comparison alone', () => {
    const { comparison, port } = ready();
    const before = said(comparison);
    comparison.startCurve();
    progress(port, 1);
    port.reply({ type: 'failed', id: port.last('curve').id, message: 'No memory.' });
    expect([comparison.curve.running, comparison.curve.failure]).toEqual([false, 'No memory.']);
    expect([comparison.failure, said(comparison)]).toEqual([undefined, before]);
    comparison.set({ keep: 0.05 });
    answer(comparer, port);
    expect(comparison.drawn.keep).toBe(0.05);
    comparison.startCurve();
    expect([comparison.curve.running, comparison.curve.failure]).toEqual([true, undefined]);
  });

  test('ends when the worker stops, and when it is started again', () => {
    const { comparison, ports, port } = ready();
    comparison.startCurve();
    port.stop();
    expect([comparison.curve.running, comparison.curve.failure]).toEqual([false, 'The engine stopped.']);
    comparison.retry();
    comparison.startCurve();
    expect(comparison.curve.running).toBe(true);
    fail(ports.newest);
    comparison.retry();
    expect([comparison.curve.running, comparison.curve.failure]).toEqual([false, 'The engine was started again.']);
  });

  test("is refused over a reader's own text, with a sentence", async () => {
    const { comparison, port } = ready();
    comparison.set(own);
    comparison.startCurve();
    expect([comparison.curve.running, port.asked('curve')]).toEqual([false, []]);
    expect(comparison.curve.failure).toMatch(/^A curve asks many generated texts; .*\.$/);
    const { container } = await render(CurveFigure, { base: '/', shared: comparison });
    expect(container.querySelector('.figure-sentence')!.textContent).toBe(comparison.curve.failure);
    comparison.set({ text: '', ask: '' });
    comparison.startCurve();
    expect([comparison.curve.running, comparison.curve.failure]).toEqual([true, undefined]);
  });

  test('ends the one before, even if it is then refused', () => {
    const { comparison, port } = ready();
    comparison.startCurve();
    comparison.set(own);
    comparison.startCurve();
    expect([comparison.curve.running, port.sent.at(-1)!.type]).toEqual([false, 'stop']);
    progress(port, 1);
    expect([comparison.curve.running, comparison.curve.progress]).toEqual([false, undefined]);
  });
});

describe('the clock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A clock of its own, from 0 to 5. */
  function clockAt(start: number) {
    let at = start;
    const seen: number[] = [];
    const clock = new Clock(
      () => at,
      () => 5,
      (tick) => seen.push((at = Math.min(tick, 5))),
    );
    return { clock, seen };
  }

  test('shows one tick after the other, and stops at the last', () => {
    const { clock, seen } = clockAt(2);
    expect(clock.playing).toBe(false);
    clock.play();
    expect([clock.playing, seen]).toEqual([true, []]);
    vi.advanceTimersByTime(130);
    expect(seen).toEqual([3]);
    vi.advanceTimersByTime(130);
    expect([clock.playing, seen]).toEqual([true, [3, 4]]);
    vi.advanceTimersByTime(130);
    expect([clock.playing, seen]).toEqual([false, [3, 4, 5]]);
    vi.advanceTimersByTime(1300);
    expect(seen).toEqual([3, 4, 5]);
  });

  test('begins anew from the end', () => {
    const { clock, seen } = clockAt(5);
    clock.play();
    expect(seen).toEqual([0]);
    vi.advanceTimersByTime(130);
    expect(seen).toEqual([0, 1]);
  });

  test('pauses where it is, and goes on from there', () => {
    const { clock, seen } = clockAt(0);
    clock.play();
    vi.advanceTimersByTime(260);
    clock.pause();
    expect(clock.playing).toBe(false);
    vi.advanceTimersByTime(1300);
    expect(seen).toEqual([1, 2]);
    clock.play();
    vi.advanceTimersByTime(130);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('does not run faster when it is told twice to play', () => {
    const { clock, seen } = clockAt(0);
    clock.play();
    clock.play();
    vi.advanceTimersByTime(260);
    expect(seen).toEqual([1, 2]);
    clock.pause();
    vi.advanceTimersByTime(1300);
    expect(seen).toEqual([1, 2]);
  });

  test('of a comparison plays its film through its phases, to the end', () => {
    const { comparison } = ready();
    expect([comparison.view.tick, comparison.tick]).toEqual(['end', comparison.ticks]);
    comparison.clock.play();
    const phases = new Set([comparison.phase]);
    for (let i = 0; i < comparison.ticks; i++) {
      expect([comparison.tick, comparison.clock.playing]).toEqual([i, true]);
      vi.advanceTimersByTime(130);
      phases.add(comparison.phase);
    }
    expect([...phases]).toEqual(['start', 'read', 'compress', 'ask', 'answer']);
    expect([comparison.view.tick, comparison.clock.playing]).toEqual(['end', false]);
  });

  test('of a comparison never goes beyond either end', () => {
    const { comparison } = ready();
    comparison.seek(-3);
    expect(comparison.view.tick).toBe(0);
    comparison.seek(comparison.ticks - 1);
    expect(comparison.view.tick).toBe(comparison.ticks - 1);
    comparison.seek(999);
    expect(comparison.view.tick).toBe('end');
    comparison.set({ tick: 4000 });
    expect(comparison.tick).toBe(comparison.ticks);
  });

  test('stands still once the figure is gone', () => {
    const { comparison, port } = ready();
    comparison.clock.play();
    for (const stop of stops.splice(0)) stop();
    const { tick } = comparison;
    vi.advanceTimersByTime(1300);
    expect([comparison.tick, comparison.clock.playing, port.open]).toEqual([tick, false, false]);
  });
});

describe('a run that is shown by itself', () => {
  test('plays to its end in the time given, and leaves the address alone', () => {
    vi.useFakeTimers();
    const { comparison } = ready({ writesLink: true });
    const address = location.href;
    comparison.showOnce(1000);
    expect([comparison.tick, comparison.clock.playing]).toEqual([0, true]);
    vi.advanceTimersByTime(500);
    expect(comparison.tick).toBeGreaterThan(0.4 * comparison.ticks);
    expect(comparison.tick).toBeLessThan(0.6 * comparison.ticks);
    vi.advanceTimersByTime(1000);
    expect([comparison.view.tick, comparison.clock.playing]).toEqual(['end', false]);
    expect(location.href).toBe(address);
    vi.useRealTimers();
  });

  test('ends at once, with the finished picture, when the reader does something', () => {
    vi.useFakeTimers();
    const { comparison } = ready();
    comparison.showOnce(1000);
    vi.advanceTimersByTime(300);
    comparison.set({ keep: 0.5 });
    expect([comparison.view.tick, comparison.view.keep, comparison.clock.playing]).toEqual(['end', 0.5, false]);
    vi.advanceTimersByTime(2000);
    expect(comparison.view.tick).toBe('end');
    vi.useRealTimers();
  });

  test('gives way to a reader who scrubs', () => {
    vi.useFakeTimers();
    const { comparison } = ready();
    comparison.showOnce(1000);
    vi.advanceTimersByTime(300);
    comparison.seek(2);
    vi.advanceTimersByTime(2000);
    expect([comparison.view.tick, comparison.clock.playing]).toEqual([2, false]);
    vi.useRealTimers();
  });
});

describe('the address', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const written = () => vi.spyOn(history, 'replaceState').mockImplementation(() => {});

  test('is written once a drag rests, with what was asked for', () => {
    const write = written();
    const { comparison } = ready({ writesLink: true });
    for (const keep of [0.2, 0.15, 0.1]) {
      comparison.set({ keep });
      vi.advanceTimersByTime(200);
    }
    expect(write).not.toHaveBeenCalled();
    vi.advanceTimersByTime(50);
    expect(write.mock.calls.map(([, , address]) => address)).toEqual([`?${writeLink({ ...view, keep: 0.1 })}`]);
    write.mockRestore();
  });

  test('is left alone by a figure among others, and by one that is gone', () => {
    const write = written();
    ready().comparison.set({ keep: 0.1 });
    const { comparison } = ready({ writesLink: true });
    comparison.set({ keep: 0.1 });
    for (const stop of stops.splice(0)) stop();
    vi.advanceTimersByTime(1000);
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
  });
});
