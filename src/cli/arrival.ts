import { inBrowser, labLink } from './browser.ts';

export interface Arrival {
  /** Milliseconds from navigation to answers that were computed in the page, painted. */
  readonly answer: number;
  /** Of the longest task on the main thread until then, in milliseconds; 0 where none took 50. */
  readonly longest: number;
  /** What tasks took beyond 50 milliseconds each, added up. */
  readonly blocked: number;
}

/**
 * A first visit, with an empty cache. The link asks for another budget than the one that was run when the page was built, so that what it waits for can
 * only come from the engine.
 * @param slowdown of the main thread; the browser slows no worker down
 */
export const arrive = (dist: string, slowdown: number): Promise<Arrival> =>
  inBrowser(dist, async (page, address) => {
    const client = await page.context().newCDPSession(page);
    await client.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await page.addInitScript(() => {
      const tasks: number[] = [];
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      }).observe({ type: 'longtask', buffered: true });
      const done = () =>
        document.querySelectorAll('.lane-sum strong')[1]?.textContent === '31 %' &&
        [...document.querySelectorAll('.verdict')].every((one) => one.textContent);
      const look = () => {
        if (!done()) return void requestAnimationFrame(look);
        const answer = performance.now();
        // Long tasks are reported a little later.
        setTimeout(() => Object.assign(globalThis, { arrival: { answer, tasks } }), 500);
      };
      requestAnimationFrame(look);
    });
    await page.goto(address + labLink({ keep: 0.31 }));
    const found = await page.waitForFunction(() => (globalThis as { arrival?: unknown }).arrival);
    const { answer, tasks } = (await found.jsonValue()) as { answer: number; tasks: number[] };
    const blocked = tasks.reduce((sum, task) => sum + task - 50, 0);
    return { answer, longest: Math.max(0, ...tasks), blocked };
  });
