/** Words of a Markdown text: formulas, addresses and marks are left out. */
export const wordsOf = (markdown: string): string =>
  markdown
    .replace(/\$\$[\s\S]*?\$\$|\$[^$\n]*\$|https?:\/\/\S+|[*_`#>|]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
