/**
 * What moves may be drawn in a cheaper way than what stands still. Whoever does so says here how to put it right, and that is done once nothing has moved for
 * a while, or at once where someone is about to look closely: a picture that is saved, a page that is printed, a text whose lines break anew.
 */
const wait = 300;

const moving = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Something moved; `rest` is called when it has come to rest. */
export function moved(rest: () => void): void {
  moving.add(rest);
  clearTimeout(timer);
  timer = setTimeout(settle, wait);
}

/** Everything comes to rest now. */
export function settle(): void {
  clearTimeout(timer);
  const all = [...moving];
  moving.clear();
  for (const rest of all) rest();
}

/** On a page: what changes the look of everything ends every movement. */
if (typeof document !== 'undefined') {
  for (const event of ['beforeprint', 'resize']) addEventListener(event, settle);
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'])
    matchMedia(query).addEventListener('change', settle);
  document.fonts.addEventListener('loadingdone', settle);
  new MutationObserver(settle).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
