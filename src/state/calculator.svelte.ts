import { models, type Model } from '../calculator/models.ts';
import { parseConfig, type Shape } from '../calculator/read-config.ts';
import { sizeOf, type Size } from '../calculator/size.ts';
import { Refusal } from '../calculator/types.ts';
import { Address } from './address.ts';
import { calculatorLink, defaultCalculatorView, mostModels, own, type CalculatorView } from './calculator-view.ts';

/** A model of the table, or the reader's own. */
export type Choice = Shape & Pick<Model, 'id' | 'name'> & Partial<Pick<Model, 'source' | 'read'>>;

export interface Sized {
  readonly model: Choice;
  readonly size: Size;
}

/** What the page of the calculator is asked, and what it was brought. */
export class Calculator {
  view = $state.raw<CalculatorView>(defaultCalculatorView);
  problems = $state.raw<readonly string[]>([]);
  /** Why the config.json that was brought last is not computed. */
  refusal = $state.raw<string | undefined>(undefined);
  /** Whether anything was changed since the page was built. */
  touched = $state(false);

  readonly own = $derived(ownModel(this.view.config));
  readonly choices: readonly Choice[] = $derived(this.own ? [this.own, ...models] : models);
  readonly all: readonly Sized[] = $derived(
    this.choices.map((model) => ({ model, size: sizeOf(model.parts, this.view) })),
  );
  /** The models that are asked for, in their order. There is always one. */
  readonly chosen: readonly Sized[] = $derived.by(() => {
    const found = this.view.models.flatMap((id) => this.all.find(({ model }) => model.id === id) ?? []);
    return found.length ? found : this.all.slice(0, 1);
  });
  readonly host: Choice = $derived(this.choices.find(({ id }) => id === this.view.host) ?? this.choices[0]!);
  readonly query = $derived(calculatorLink.write(this.view));

  #address: Address | undefined;

  /** Reads the page's address, and lets it follow. @returns a function that ends that */
  start(query: string): () => void {
    const { view, problems } = calculatorLink.read(query, defaultCalculatorView);
    this.#address = new Address();
    const broken = view.config !== '' && !ownModel(view.config);
    this.view = broken ? { ...view, config: '' } : view;
    this.problems = broken ? [...problems, 'config: it could not be read, and was left out.'] : problems;
    this.touched = query.length > 1;
    return () => this.#address?.close();
  }

  set(change: Partial<CalculatorView>): void {
    this.view = { ...this.view, ...change };
    this.touched = true;
    this.#address?.write(this.query);
  }

  /** Takes a config.json, or says why not. */
  bring(json: string): void {
    try {
      const config = JSON.stringify(parseConfig(json).excerpt);
      if (config.length > 4000) throw new Refusal('The fields of this config.json are too long for a link.');
      this.refusal = undefined;
      this.set({ config, models: [own, ...this.view.models.filter((id) => id !== own)].slice(0, mostModels) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refusal = error.message;
    }
  }

  /** Makes a model the first, which the answer speaks of. */
  lead(id: string): void {
    this.set({ models: [id, ...this.view.models.filter((other) => other !== id)].slice(0, mostModels) });
  }

  /** Puts a model beside the others, or takes it away again. */
  toggle(id: string): void {
    const { models: shown } = this.view;
    if (!shown.includes(id)) this.set({ models: [...shown, id].slice(-mostModels) });
    else if (shown.length > 1) this.set({ models: shown.filter((other) => other !== id) });
  }
}

function ownModel(config: string): Choice | undefined {
  if (!config) return undefined;
  try {
    return { ...parseConfig(config), id: own, name: 'Your config.json' };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
