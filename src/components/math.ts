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
  return html.replace(/<mi>(\p{Letter})<\/mi>/gu, '<mi class="letter">$1</mi>');
}

/** `$...$` and `$$...$$` in Markdown. */
export const math = {
  name: 'math',
  inlineMath: (node: { value: string }) => ({ type: 'html' as const, value: mathml(node.value) }),
  math: (node: { value: string }) => ({ type: 'html' as const, value: mathml(node.value, true) }),
};
