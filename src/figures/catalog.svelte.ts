import { facetKeys, filter, sort, type FacetKey } from '../catalog/facets.ts';
import { mostCompared, readQuery, usualState, writeQuery, type CatalogState } from '../catalog/query.ts';
import type { Row } from '../catalog/rows.ts';

type Search = (query: string) => ReadonlyMap<string, number> | undefined;

/** Once what changed just now has been painted. */
const afterPaint = (act: () => void) => {
  requestAnimationFrame(() => setTimeout(act));
};

/** The catalog's page: what was asked for, and which entries that leaves. The address always says the same as the state. */
export class Catalog {
  state = $state.raw<CatalogState>(usualState);
  problems = $state.raw<readonly string[]>([]);
  failure = $state<string>();

  readonly rows: readonly Row[];
  /** How many rows of the list the reader has in view; Infinity until the page has come to life, as the server wrote the whole list. */
  seen = Infinity;
  #search = $state.raw<Search>();
  #indexAddress: string;
  #loading: Promise<void> | undefined;
  #typing = false;

  readonly #q = $derived(this.state.q);
  /** How well each entry matches the search; undefined while nothing is searched, or the index has not come yet. */
  readonly found = $derived.by(() => (this.#q ? this.#search?.(this.#q) : undefined));
  /** What decides which entries are shown, and in which order: it stays the same while the reader ticks some for comparing. */
  readonly question = $derived.by(() => {
    const { compare: _ticked, view: _view, ...asked } = this.state;
    return `${JSON.stringify(asked)} ${this.found !== undefined}`;
  });
  /** What the facets count by: the state, once its rows have been painted. A hundred new numbers would let them wait. */
  #counted = $state.raw<CatalogState>(usualState);
  readonly shown = $derived.by(() => sort(filter(this.rows, this.state, this.found).rows, this.state.sort, this.found));
  readonly counts = $derived.by(() => filter(this.rows, this.#counted, this.found).counts);
  readonly chosen = $derived(facetKeys.flatMap((facet) => this.state[facet].map((value) => ({ facet, value }))));
  /** By way of the list itself, which most changes leave as it is, so that they do not reach every row. */
  readonly #compare = $derived(this.state.compare);
  readonly ticked: ReadonlySet<string> = $derived(new Set(this.#compare));
  readonly full = $derived(this.#compare.length >= mostCompared);
  readonly compared = $derived(this.#compare.flatMap((slug) => this.rows.find((row) => row.slug === slug) ?? []));

  constructor(rows: readonly Row[], indexAddress: string) {
    this.rows = rows;
    this.#indexAddress = indexAddress;
  }

  /** Reads the address, and again whenever the reader goes back or forward. @returns a function that stops it */
  start(): () => void {
    const read = () => {
      const { state, problems } = readQuery(location.search, new Set(this.rows.map(({ slug }) => slug)));
      // What stands in the page already is not asked for again.
      if (writeQuery(state) !== writeQuery(this.state)) this.#ask(state);
      this.problems = problems;
      this.#typing = false;
      if (state.q) void this.load();
    };
    read();
    addEventListener('popstate', read);
    return () => {
      removeEventListener('popstate', read);
    };
  }

  #ask(state: CatalogState): void {
    this.state = state;
    afterPaint(() => {
      this.#counted = this.state;
    });
  }

  /** Every change is a step that Back undoes; letters typed one after the other are one step. */
  set(change: Partial<CatalogState>): void {
    const typing = Object.keys(change).join() === 'q';
    this.#ask({ ...this.state, ...change });
    this.problems = [];
    if (typing) void this.load();
    const query = writeQuery(this.state);
    const step = typing && this.#typing ? 'replaceState' : 'pushState';
    this.#typing = typing;
    // The answer is painted first: a step in the history takes milliseconds.
    afterPaint(() => {
      history[step](null, '', `${location.pathname}${query && `?${query}`}`);
    });
  }

  choose(facet: FacetKey, value: string, on: boolean): void {
    const others = this.state[facet].filter((other) => other !== value);
    this.set({ [facet]: on ? [...others, value] : others });
  }

  clear(): void {
    const { view, compare, sort } = this.state;
    this.set({ ...usualState, view, compare, sort });
  }

  tick(slug: string, on: boolean): void {
    const others = this.state.compare.filter((other) => other !== slug);
    this.set({ compare: on && !this.full ? [...others, slug] : others });
  }

  /** The index comes when a reader turns to the search, or with an address that searches. */
  load(): Promise<void> {
    this.#loading ??= Promise.all([
      import('../catalog/search.ts'),
      fetch(this.#indexAddress).then((response) => response.text()),
    ])
      .then(([{ openIndex }, index]) => {
        this.#search = openIndex(index);
        this.failure = undefined;
      })
      .catch(() => {
        this.failure = 'The search index could not be loaded; facets still work.';
        this.#loading = undefined;
      });
    return this.#loading;
  }
}
