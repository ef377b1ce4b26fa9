import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dist, pages } from './dist.ts';
import { visit } from './visit.ts';

const drawn = pages.filter(
  (page) => page.startsWith('methods/') && readFileSync(join(dist, page, 'index.html'), 'utf8').includes('"drawing'),
);

test('there are drawings', () => {
  expect(drawn.length).toBeGreaterThan(20);
});

/** What a reader on a phone could not read: words that are small, or stand outside the drawing or on each other. */
function faults() {
  const found: string[] = [];
  for (const svg of document.querySelectorAll('.drawing svg')) {
    const frame = svg.getBoundingClientRect();
    const scale = frame.width / (svg as SVGSVGElement).viewBox.baseVal.width;
    const words = [...svg.querySelectorAll('text')].map((text) => ({ text, box: text.getBoundingClientRect() }));
    for (const { text, box } of words) {
      if (Number.parseFloat(getComputedStyle(text).fontSize) * scale < 12) found.push(`small: ${text.textContent}`);
      if (box.left < frame.left - 1 || box.right > frame.right + 1) found.push(`cut: ${text.textContent}`);
    }
    words.forEach(({ text, box }, i) => {
      const under = words
        .slice(i + 1)
        .find(
          ({ box: other }) =>
            box.left < other.right - 1 &&
            other.left < box.right - 1 &&
            box.top + 4 * scale < other.bottom - 4 * scale &&
            other.top + 4 * scale < box.bottom - 4 * scale,
        );
      if (under) found.push(`${text.textContent} upon ${under.text.textContent}`);
    });
  }
  return found;
}

test.concurrent.for(drawn)(
  'the drawing of /%s is whole without a script, and no number in it looks measured',
  async (path) => {
    await visit(path, { viewport: { width: 390, height: 844 }, javaScriptEnabled: false }, async ({ page }) => {
      const figure = page.locator('figure.drawing');
      expect(await figure.count()).toBe(1);
      expect(await figure.locator('figcaption').innerText()).toMatch(/^drawing\s+[A-Z][^.]+\.$/);
      expect(await figure.textContent()).not.toMatch(/\d/);
      expect(await figure.getByRole('img').getAttribute('aria-labelledby')).toBe('drawn');
      expect(await page.evaluate(faults)).toEqual([]);
    });
  },
);
