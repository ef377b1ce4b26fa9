import type { Picture } from '../state/view.ts';
import { inBrowser, openLab } from './browser.ts';

/**
 * Milliseconds of processor time of the page's main thread for each tick that a reader scrubs to: script, style, layout and paint together. What other
 * processes take on a busy machine is not in it.
 */
export const scrubTimes = (
  dist: string,
  lanes: readonly string[],
  length: number,
  view: Picture,
  moves: number,
): Promise<number[]> =>
  inBrowser(dist, async (page, address) => {
    await openLab(page, address, { lanes, length, view });
    const client = await page.context().newCDPSession(page);
    await client.send('Performance.enable', { timeDomain: 'threadTicks' });
    const worked = async () => {
      const { metrics } = await client.send('Performance.getMetrics');
      return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
    };
    // Found once: looking for it would take more of the main thread than the frame.
    const clock = (await page.getByLabel('Step of the run').elementHandle())!;
    const times: number[] = [];
    for (let i = 0; i < moves; i++) {
      const before = await worked();
      await clock.evaluate(
        (element, move) =>
          new Promise((resolve) => {
            const input = element as HTMLInputElement;
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
