/** Light or dark: the system's, unless the reader chose otherwise. The choice is put on <html data-theme> before the first paint by Head.astro. */
const system = () => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

/** Changes to the other theme, and forgets the choice when that is the system's own. */
export function switchTheme() {
  const { dataset } = document.documentElement;
  const next = (dataset.theme ?? system()) === 'dark' ? 'light' : 'dark';
  if (next === system()) delete dataset.theme;
  else dataset.theme = next;
  try {
    if (dataset.theme) localStorage.setItem('theme', dataset.theme);
    else localStorage.removeItem('theme');
  } catch {
    // Storage is closed to this page, as in some frames: the choice holds until it is left.
  }
}
