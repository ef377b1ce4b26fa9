/** The chart as it stands before anything is changed, drawn when the site is built: for a desk, a tablet and a phone. */
import { JSDOM } from 'jsdom';
import { models } from '../../calculator/models.ts';
import { plotSizes } from '../../figures/plot-sizes.ts';
import { defaultCalculatorView as view } from '../../state/calculator-view.ts';

export function drawnSizes(): string {
  const { document } = new JSDOM('').window;
  const chosen = view.models.map((id) => models.find((model) => model.id === id)!);
  return (
    [
      ['built-wide', 1280],
      ['built-middle', 760],
      ['built-narrow', 350],
    ] as const
  )
    .map(([name, width]) => {
      const chart = plotSizes(chosen, view, width, document);
      chart.setAttribute('class', name);
      return chart.outerHTML;
    })
    .join('');
}
