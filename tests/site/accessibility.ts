import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** A desk and a phone. */
export const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;

/** Words whose ink says how much of them is kept are meant to be faint, and what they say stands in words as well. */
const isFaint = (id: string, html: string) => id === 'color-contrast' && /class="[^"]*\bink-/.test(html);

/** Only violations are collected and brought over: a page of words has thousands of elements that pass. */
async function run(page: Page, options: axe.RunOptions = {}): Promise<string[]> {
  const violations = await page.evaluate<axe.Result[]>(
    `axe.run(document, ${JSON.stringify({ ...options, resultTypes: ['violations'] })}).then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .filter(({ html }) => !isFaint(id, html))
      .map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

/** What axe finds on a page, one line each: light on a desk and on a phone, and in the dark what depends on colours. */
export async function accessibility(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  await page.emulateMedia({ colorScheme: 'light' });
  const found: string[] = [];
  for (const size of sizes) {
    await page.setViewportSize(size);
    found.push(...(await run(page)));
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  return [
    ...found,
    ...(await run(page, { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } })),
  ];
}
