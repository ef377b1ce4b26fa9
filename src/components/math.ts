/**
 * Formulas are typeset when the site is built. MathML alone needs neither a stylesheet nor fonts of its own nor the inline styles of KaTeX's HTML, which
 * the content security policy forbids.
 */
import katex from 'katex';

/** TeX to MathML; a mistake in the TeX fails the build. */
export function mathml(tex: string, displayMode = false): string {
  const html = katex.renderToString(tex, { displayMode, output: 'mathml', strict: 'error', throwOnError: true });
  // One letter is a variable, several are the name of a function. Browsers know that too, but set variables in a font that few systems have; base.css
  // sets them in the italic of the text.
  const lettered = html.replace(/<mi>(\p{Letter})<\/mi>/gu, '<mi class="letter">$1</mi>');
  // A formula on its own line may be wider than a phone; keys must be able to scroll it.
  return displayMode ? lettered.replace('<span class="katex">', '<span class="katex" tabindex="0">') : lettered;
}

interface Node {
  value: string;
}

const html = (value: string) => ({ type: 'html' as const, value });

/**
 * `$...$` and `$$...$$` in Markdown. The latter is a line of its own, even within a paragraph, where Markdown tells the two apart by their source only.
 * Markdown that was rendered once is kept: after a change here delete .astro and node_modules/.astro.
 */
export const math = {
  name: 'math',
  inlineMath: (node: Node, { source }: { source: string }) =>
    html(mathml(node.value, source.includes(`$$${node.value}$$`))),
  math: (node: Node) => html(mathml(node.value, true)),
};
