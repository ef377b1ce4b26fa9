import { Refusal } from './types.ts';

export type Config = Readonly<Record<string, unknown>>;

const shown = (value: unknown) => (JSON.stringify(value) ?? String(value)).slice(0, 60);

/** The fields of a config.json, checked as they are read. What was read is remembered, so that what was not can be found out. */
export class Fields {
  readonly #config: Config;
  readonly #read = new Set<string>();

  constructor(config: Config) {
    this.#config = config;
  }

  /** Whether a field is there and says something: null, false, 0 and empty lists do not. Asking counts as reading. */
  has(name: string): boolean {
    this.#read.add(name);
    return this.#says(name);
  }

  /** A whole number of at least 1. @throws Refusal */
  count(...names: readonly string[]): number {
    const name = names.find((each) => this.has(each));
    if (name === undefined)
      throw new Refusal(
        `${names[0]!} is missing; its default stands in the code of the model and is not guessed here.`,
      );
    const value = this.#config[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 1e9)
      throw new Refusal(`${name} must be a whole number of at least 1, not ${shown(value)}.`);
    return value;
  }

  text(name: string): string {
    const value = this.has(name) ? this.#config[name] : undefined;
    if (typeof value !== 'string') throw new Refusal(`${name} must be a text, not ${shown(value)}.`);
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.has(name) ? this.#config[name] : undefined;
    if (!Array.isArray(value) || !value.length) throw new Refusal(`${name} must be a list, not ${shown(value)}.`);
    return value as unknown[];
  }

  /** A list with one entry for each layer. @throws Refusal when it has another length */
  perLayer(name: string): readonly unknown[] {
    const list = this.list(name);
    const layers = this.count('num_hidden_layers');
    if (list.length !== layers) throw new Refusal(`${name} has ${list.length} entries for ${layers} layers.`);
    return list;
  }

  /** Fields that say nothing about what is kept, though their names sound so. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** Fields that hold something and that nobody read. */
  unread(): string[] {
    return Object.keys(this.#config).filter((name) => !this.#read.has(name) && this.#says(name));
  }

  /** The fields that were read, alone: enough to read the model again. */
  excerpt(): Config {
    return Object.fromEntries(
      Object.entries(this.#config).filter(([name]) => this.#read.has(name) && this.#says(name)),
    );
  }

  #says(name: string): boolean {
    const value = Object.hasOwn(this.#config, name) ? this.#config[name] : undefined;
    const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    return value !== null && value !== undefined && value !== false && value !== 0 && !empty;
  }
}
