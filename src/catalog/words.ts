/** Words of a Markdown text: formulas, addresses and marks are left out. */
export const wordsOf = (markdown: string): string =>
  markdown
    .replace(/\$\$[\s\S]*?\$\$|\$[^$\n]*\$|https?:\/\/\S+|[*_`#>|]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** "a, b and c". */
export const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
