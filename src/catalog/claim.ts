import type { Claim } from './schema.ts';
import { listed } from './words.ts';

const isOpen = (text: string) => text.trim() === 'not stated';

/** In which setting a number was reported, in one line; what the source leaves open is named at the end. */
export function settingOf({
  model,
  benchmark,
  budget,
  baseline,
}: Pick<Claim, 'model' | 'benchmark' | 'budget' | 'baseline'>): string {
  const stated = [model, benchmark, budget, isOpen(baseline) ? baseline : `against ${baseline}`].filter(
    (part) => !isOpen(part),
  );
  const open = Object.entries({ model, benchmark, budget, baseline })
    .filter(([, text]) => isOpen(text))
    .map(([name]) => name);
  return [stated.join('; '), open.length ? `${listed(open)} not stated` : ''].filter(Boolean).join('; ');
}

/** Where a claim stands, as short as a reader can still recognize: "arXiv 2404.14469", "github.com". */
export function sourceName(source: string): string {
  const { hostname, pathname } = new URL(source);
  const paper = /^\/(?:abs|pdf|html)\/([\d.]+\d)/.exec(pathname);
  return hostname.endsWith('arxiv.org') && paper ? `arXiv ${paper[1]!}` : hostname.replace(/^www\./, '');
}
