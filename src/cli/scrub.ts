import { inBrowser, openLab } from './browser.ts';

/** Milliseconds of work on the page's main thread for each tick that a reader scrubs to: script, style, layout and paint together. */
export const scrubTimes = (dist: string, lanes: readonly string[], length: number, moves: number): Promise<number[]> =>
  inBrowser(dist, async (page, address) => {
    await openLab(page, address, { lanes, length });
    const client = await page.context().newCDPSession(page);
    await client.send('Performance.enable');
    const worked = async () => {
      const { metrics } = await client.send('Performance.getMetrics');
      return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
    };
    const clock = page.getByLabel('Step of the run');
    const times: number[] = [];
    for (let i = 0; i < moves; i++) {
      const before = await worked();
      await clock.evaluate(
        (input: HTMLInputElement, move) =>
          new Promise((resolve) => {
            input.value = String((move * 7) % Number(input.max));
            input.dispatchEvent(new Event('input', { bubbles: true }));
            // A frame's callbacks run before it is painted: in the next one it has been.
            requestAnimationFrame(() => requestAnimationFrame(resolve));
          }),
        i,
      );
      times.push((await worked()) - before);
    }
    return times;
  });
