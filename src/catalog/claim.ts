import type { Claim } from './schema.ts';

const isOpen = (text: string) => text.trim() === 'not stated';

const list = (parts: readonly string[]) =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;

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
  return [stated.join('; '), open.length ? `${list(open)} not stated` : ''].filter(Boolean).join('; ');
}

/** Where a claim stands, as short as a reader can still recognize: "arXiv 2404.14469", "github.com". */
export function sourceName(source: string): string {
  const { hostname, pathname } = new URL(source);
  const paper = /^\/(?:abs|pdf|html)\/([\d.]+\d)/.exec(pathname);
  return hostname.endsWith('arxiv.org') && paper ? `arXiv ${paper[1]!}` : hostname.replace(/^www\./, '');
}
