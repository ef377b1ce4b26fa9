/** The parameter of a link that opens its figure on the stage. It says how to look, not what is shown, so no figure's own table has it. */
export const stageParameter = 'present';

/** The page's address follows what it shows. Safari allows 100 changes in 30 seconds, and a dragged slider makes more, so changes wait until it rests. */
export class Address {
  #waiting: ReturnType<typeof setTimeout> | undefined;

  /** @param query of the address from soon on */
  write(query: string): void {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      const staged = new URLSearchParams(location.search).has(stageParameter) ? `&${stageParameter}` : '';
      history.replaceState(null, '', `?${query}${staged}${location.hash}`);
    }, 250);
  }

  close(): void {
    clearTimeout(this.#waiting);
  }
}
