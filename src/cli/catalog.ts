import { inBrowser } from './browser.ts';

/** Astro writes the props of an island as pairs of a kind and a value; 1 is a list. */
type Written = [kind: number, value: unknown];
interface WrittenRow extends Record<string, Written> {
  slug: Written;
  name: Written;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', '<': '&lt;' };
const escape = (text: string) => text.replace(/[&"<]/g, (mark) => escapes[mark]!);
const unescape = (text: string) =>
  text.replace(
    /&quot;|&#34;|&lt;|&#39;|&amp;/g,
    (mark) => ({ '&quot;': '"', '&#34;': '"', '&lt;': '<', '&#39;': "'" })[mark] ?? '&',
  );

/** The page of the catalog with its entries over and over, until there are `count`. They are written into the page by its script, as it starts. */
function enlarge(html: string, count: number): string {
  return html.replace(
    /(component-url="[^"]*\/Catalog\.[^"]*"[^>]* props=")([^"]*)"/,
    (_, before: string, props: string) => {
      const read = JSON.parse(unescape(props)) as { rows: [1, [0, WrittenRow][]] };
      const rows = read.rows[1];
      const many = Array.from({ length: count }, (_, i): [0, WrittenRow] => {
        const row = rows[i % rows.length]![1];
        const again = Math.floor(i / rows.length);
        if (!again) return [0, row];
        return [
          0,
          { ...row, slug: [0, `${String(row.slug[1])}-${again}`], name: [0, `${String(row.name[1])} ${again}`] },
        ];
      });
      return `${before}${escape(JSON.stringify({ ...read, rows: [1, many] }))}"`;
    },
  );
}

/** Clicks an input. @returns milliseconds of work until the answer is painted: the click's script, and then the frame's style, layout and paint */
const answer = (input: HTMLInputElement): Promise<number> =>
  new Promise((resolve) => {
    const clicked = performance.now();
    input.click();
    // Svelte has changed the page by then; the browser waits for the next frame.
    queueMicrotask(() => {
      const script = performance.now() - clicked;
      requestAnimationFrame(() => {
        const frame = performance.now();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(script + performance.now() - frame);
        port2.postMessage(0);
      });
    });
  });

/** Milliseconds in which a page comes to rest: rows that are far down are made after the answer. */
const rest = 1500;

/** What each click on a facet takes, on and off in turn, until the list that it leaves has been painted; what is added later, as the page rests, is not counted. */
export const filterTimes = (dist: string, entries: number, clicks: number): Promise<number[]> =>
  inBrowser(dist, async (page, address) => {
    await page.route(/\/methods\/$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: enlarge(await response.text(), entries) });
    });
    await page.goto(`${address}methods/`);
    await page.waitForFunction(() => document.querySelector('astro-island:not([ssr]) .catalog'));
    await page.waitForTimeout(rest);
    const ticks = page.locator('.facet input');
    const count = await ticks.count();
    const times: number[] = [];
    for (let i = 0; i < clicks; i++) {
      const tick = ticks.nth((Math.floor(i / 2) * 7) % count);
      times.push(await tick.evaluate(answer));
      await page.waitForTimeout(rest);
    }
    return times;
  });
