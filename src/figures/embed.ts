/** What a page says to the page that it is embedded in: how many pixels high its figure is. */
interface Told {
  readonly palimpsest: number;
}

/**
 * Code for another page: a frame as high as the figure is here, and a line that follows the height that the figure needs there.
 * @param height in CSS pixels
 */
export const embedCode = (address: string, title: string, height: number): string => {
  const quoted = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const frame = `<iframe src="${quoted(address)}" title="${quoted(title)}" width="100%" height="${height}" loading="lazy" allow="fullscreen; clipboard-write" style="border:0"></iframe>`;
  return `${frame}\n<script>addEventListener("message",e=>{for(const f of document.querySelectorAll("iframe"))if(f.contentWindow===e.source&&e.data?.palimpsest>0)f.height=e.data.palimpsest})</script>`;
};

/** Pixels that a figure needs where it stands alone. */
export function neededHeight(figure: HTMLElement): number {
  const around = figure.closest('.bare main');
  const edge = around ? 2 * parseFloat(getComputedStyle(around).paddingTop) : 48;
  return Math.ceil(figure.getBoundingClientRect().height + edge);
}

/** Tells the page around a frame how high the figure in it is, now and whenever that changes. On the stage a figure fits what it is given. @returns what ends it */
export function tellHeight(figure: HTMLElement): () => void {
  if (parent === window) return () => undefined;
  const observer = new ResizeObserver(() => {
    if (document.documentElement.dataset['stage'] !== undefined) return;
    const told: Told = { palimpsest: neededHeight(figure) };
    // Whoever embeds may know it: it says nothing of the reader.
    parent.postMessage(told, '*');
  });
  observer.observe(figure);
  return () => observer.disconnect();
}
