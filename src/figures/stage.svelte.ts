import { stageParameter } from '../state/address.ts';

/** Milliseconds after the last movement of the pointer in which controls stay. */
const linger = 2500;

/** A figure before an audience: it has the whole window, and its controls hide until the pointer or a key asks for them. */
class Stage {
  on = $state(false);
  awake = $state(false);
  /** Whether the keys are told. */
  help = $state(false);
  /** Width and height of the window: whoever reads it fits anew when it changes. */
  size = $state.raw<readonly [number, number]>([0, 0]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Follows the window while a figure stands alone in it. @returns what ends it */
  start(): () => void {
    const stop = new AbortController();
    const { signal } = stop;
    this.#measure();
    this.on = new URLSearchParams(location.search).has(stageParameter);
    addEventListener('resize', () => this.#measure(), { signal });
    addEventListener('pointermove', () => this.wake(), { signal, passive: true });
    void document.fonts.ready.then(() => this.#measure());
    return () => {
      stop.abort();
      clearTimeout(this.#timer);
    };
  }

  /** Shows the controls until nobody has asked for a while. */
  wake(): void {
    this.awake = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.awake = false;
    }, linger);
  }

  enter(): void {
    this.#set(true);
  }

  leave(): void {
    this.help = false;
    if (document.fullscreenElement) void document.exitFullscreen();
    this.#set(false);
  }

  /** The address says which of the two it is, so that a reload and a copied link open the same. */
  #set(on: boolean): void {
    const { documentElement: root } = document;
    const query = new URLSearchParams(location.search);
    const bare = location.search.slice(1).replace(new RegExp(`(^|&)${stageParameter}(=[^&]*)?(?=&|$)`, 'g'), '');
    if (on !== query.has(stageParameter))
      history.replaceState(null, '', `?${[bare, on ? stageParameter : ''].filter(Boolean).join('&')}${location.hash}`);
    if (on) root.dataset['stage'] = '';
    else delete root.dataset['stage'];
    scrollTo(0, 0);
    this.on = on;
  }

  #measure(): void {
    this.size = [innerWidth, innerHeight];
  }
}

export const stage = new Stage();
