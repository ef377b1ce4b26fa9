/**
 * What moves may be drawn in a cheaper way than what stands still. Whoever does so says here how to put it right, and that is done once nothing has moved for
 * a while, or at once where someone is about to look closely: a picture that is saved, a page that is printed, a text whose lines break anew.
 */
const wait = 300;

const moving = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let last = 0;

/** Something moved; `rest` is called when it has come to rest. */
export function moved(rest: () => void): void {
  moving.add(rest);
  last = performance.now();
  timer ??= setTimeout(look, wait);
}

/** Many things move with each frame, and a timer for each of them would cost more than to look again. */
function look(): void {
  const left = last + wait - performance.now();
  timer = left > 0 ? setTimeout(look, left) : undefined;
  if (!timer) settle();
}

let ending = false;

/** Whether everything is just coming to rest: then nothing is drawn in a cheaper way. */
export const settling = () => ending;

/** Everything comes to rest now, and what that moves does, too. */
export function settle(): void {
  ending = true;
  while (moving.size) {
    const all = [...moving];
    moving.clear();
    for (const rest of all) rest();
  }
  ending = false;
  clearTimeout(timer);
  timer = undefined;
}

/** On a page: what changes the look of everything ends every movement. */
if (typeof document !== 'undefined') {
  for (const event of ['beforeprint', 'resize']) addEventListener(event, settle);
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'])
    matchMedia(query).addEventListener('change', settle);
  document.fonts.addEventListener('loadingdone', settle);
  new MutationObserver(settle).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
