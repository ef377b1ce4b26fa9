/** The page's address follows what it shows. Safari allows 100 changes in 30 seconds, and a dragged slider makes more, so changes wait until it rests. */
export class Address {
  #waiting: ReturnType<typeof setTimeout> | undefined;

  /** @param query of the address from soon on */
  write(query: string): void {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      history.replaceState(null, '', `?${query}${location.hash}`);
    }, 250);
  }

  close(): void {
    clearTimeout(this.#waiting);
  }
}
