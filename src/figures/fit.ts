/** The largest whole number from `low` to `high` that fits; `low` where none does. The last that was tried is the one that is returned. */
export function largest(low: number, high: number, fits: (value: number) => boolean): number {
  let [best, above] = [low, high + 1];
  while (above - best > 1) {
    const middle = (best + above) >> 1;
    if (fits(middle)) best = middle;
    else above = middle;
  }
  fits(best);
  return best;
}

/** Widths that a picture is tried at, in rem: from a tall narrow one to one that is all of a projector. */
const widths = [34, 42, 52, 66, 84];

type Size = readonly [width: number, height: number];

/** Charts see their new width a frame later, and are drawn in the next. */
const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

/**
 * Makes a picture as large as a window lets it be: laid out at several widths, it is enlarged at the one that allows most. CSS zoom enlarges what is laid out,
 * so that type, lines and pictures keep their proportions.
 * @param room pixels that the picture may take @param signal ends it, as when the window changes meanwhile
 */
export async function enlarge(picture: HTMLElement, room: Size, signal: AbortSignal): Promise<void> {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  let best = { width: 0, zoom: 0 };
  picture.style.opacity = '0';
  const layOut = async (width: number, zoom: number) => {
    Object.assign(picture.style, { width: `${width}px`, zoom: String(zoom) });
    await drawn();
  };
  for (const width of widths.map((each) => each * rem)) {
    await layOut(width, 1);
    if (signal.aborted) return;
    const zoom = Math.min(room[0] / Math.max(width, picture.scrollWidth), room[1] / picture.scrollHeight);
    if (zoom > best.zoom) best = { width, zoom };
  }
  await layOut(best.width, best.zoom);
  if (signal.aborted) return;
  shrink(picture, room);
  picture.style.removeProperty('opacity');
}

/** Makes an enlarged picture smaller until it fits: lines break anew at another size of type, and what plays may grow. */
export function shrink(picture: HTMLElement, room: Size): void {
  for (let tries = 0; tries < 60; tries++) {
    const { width, height } = picture.getBoundingClientRect();
    if (width <= room[0] + 1 && height <= room[1] + 1) return;
    picture.style.zoom = String(0.985 * parseFloat(picture.style.zoom || '1'));
  }
}

/** The picture as the page lays it out. */
export const release = (picture: HTMLElement): void => picture.removeAttribute('style');

/** Whether all that stands in some boxes can be seen. */
export const holds = (boxes: Iterable<Element>): boolean =>
  [...boxes].every(
    ({ scrollHeight, clientHeight, scrollWidth, clientWidth }) =>
      scrollHeight <= clientHeight + 1 && scrollWidth <= clientWidth + 1,
  );
