/** What is left of a sheet between its margins, in CSS pixels: of A4 and of Letter the smaller width and height. */
const sheet = { width: 700, height: 940 };

/** On paper a figure and its address are one page: one that is longer is laid out wider and made smaller. @returns what ends it */
export function printOnOnePage(picture: HTMLElement): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let before: string | null = null;
  const begin = () => {
    before = picture.getAttribute('style');
    let zoom = 1;
    for (let tries = 0; tries < 40; tries++, zoom *= 0.96) {
      Object.assign(picture.style, { width: `${sheet.width / zoom}px`, zoom: String(zoom) });
      if (picture.scrollHeight * zoom <= sheet.height) return;
    }
  };
  const end = () => {
    if (before === null) picture.removeAttribute('style');
    else picture.setAttribute('style', before);
  };
  addEventListener('beforeprint', begin, { signal });
  addEventListener('afterprint', end, { signal });
  return () => stop.abort();
}
