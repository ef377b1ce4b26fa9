import type { Entry } from './schema.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (mark) => entities[mark] ?? mark);

/** RFC 822, as RSS wants it. An entry is dated by its day alone. */
const dated = (day: string) => new Date(`${day}T00:00:00Z`).toUTCString();

const item = ({ id, data }: Entry, address: (path: `/${string}`) => string) => `  <item>
   <title>${escapeXml(data.name)}</title>
   <link>${escapeXml(address(`/methods/${id}/`))}</link>
   <guid isPermaLink="false">palimpsest:methods/${id}</guid>
   <pubDate>${dated(data.added)}</pubDate>
   <description>${escapeXml(data.idea)}</description>
  </item>`;

/** Additions to the catalog as RSS 2.0, the newest first. @param address where a path of the site is found; absolute only when the site knows its host */
export function feed(entries: readonly Entry[], address: (path: `/${string}`) => string): string {
  const newest = [...entries].sort((a, b) =>
    a.data.added < b.data.added ? 1 : Number(a.data.added > b.data.added) * -1,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0">
 <channel>
  <title>Palimpsest: additions to the catalog</title>
  <link>${escapeXml(address('/methods/'))}</link>
  <description>Methods, systems and questions around the KV cache, as they are added.</description>
  <language>en</language>
${newest.map((entry) => item(entry, address)).join('\n')}
 </channel>
</rss>
`;
}

/** @param pages absolute addresses */
export const sitemap = (pages: readonly string[]): string => `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${pages.map((page) => ` <url><loc>${escapeXml(page)}</loc></url>`).join('\n')}
</urlset>
`;
