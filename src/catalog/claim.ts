import type { Claim } from './schema.ts';
import { notLookedUp, notStated } from './values.ts';
import { listed } from './words.ts';

const open: readonly string[] = [notStated, notLookedUp];
export const isOpen = (text: string) => open.includes(text.trim());

/** In which setting a number was reported, in one line; what is open is named at the end, with the reason. */
export function settingOf({
  model,
  benchmark,
  budget,
  baseline,
}: Pick<Claim, 'model' | 'benchmark' | 'budget' | 'baseline'>): string {
  const stated = [model, benchmark, budget, isOpen(baseline) ? baseline : `against ${baseline}`].filter(
    (part) => !isOpen(part),
  );
  const left = open.map((reason) => {
    const names = Object.entries({ model, benchmark, budget, baseline }).filter(([, text]) => text.trim() === reason);
    return names.length ? `${listed(names.map(([name]) => name))} ${reason}` : '';
  });
  return [stated.join('; '), ...left].filter(Boolean).join('; ');
}

/** Where a claim stands, as short as a reader can still recognize: "arXiv 2404.14469", "github.com". */
export function sourceName(source: string): string {
  const { hostname, pathname } = new URL(source);
  const paper = /^\/(?:abs|pdf|html)\/([\d.]+\d)/.exec(pathname);
  return hostname.endsWith('arxiv.org') && paper ? `arXiv ${paper[1]!}` : hostname.replace(/^www\./, '');
}
