import { cacheTypeNames, ggmlTypes, type CacheType } from '../calculator/cache-types.ts';
import { models } from '../calculator/models.ts';
import { LinkCodec } from './codec.ts';
import { defaultsOf, good, number, oneOf, text, type Field } from './fields.ts';

/** The model that a reader brought, by its config.json. */
export const own = 'own';
const ids = models.map(({ id }) => id);
export const mostModels = 6;

/** Everything that decides what the calculator and the memory bar show. A link is this, written out. */
export interface CalculatorView {
  /** The first is what the answer speaks of; the others are compared with it. */
  readonly models: readonly string[];
  readonly tokens: number;
  readonly sequences: number;
  readonly keys: CacheType;
  readonly values: CacheType;
  readonly block: number;
  readonly keep: number;
  /** The fields of a config.json that were read, as JSON; '' where there is none. */
  readonly config: string;
  /** The memory bar: the model, and how llama-server is started. Sizes in the units of the switches. */
  readonly host: string;
  readonly gib: number;
  readonly weights: number;
  readonly ctx: number;
  readonly np: number;
  readonly ctk: CacheType;
  readonly ctv: CacheType;
  readonly ctxcp: number;
  readonly cram: number;
  readonly buffers: number;
  readonly system: number;
  readonly wired: number;
}

const chosen: Field<readonly string[]> = {
  default: ['qwen3-32b', 'gemma-3-27b', 'qwen3.5-27b', 'deepseek-v3'],
  allows: `1 to ${mostModels} models separated by ;`,
  read(written) {
    const wanted = [...new Set(written.split(';').map((id) => id.trim()))].filter(Boolean);
    const known = wanted.filter((id) => id === own || ids.includes(id));
    const problems = wanted.filter((id) => !known.includes(id)).map((id) => `there is no model "${id.slice(0, 30)}"`);
    if (known.length > mostModels) problems.push(`only the first ${mostModels} of ${known.length} models are shown`);
    return known.length ? { value: known.slice(0, mostModels), problems } : undefined;
  },
  print: (value) => value.join(';'),
};

const host: Field<string> = {
  default: 'qwen3.5-122b-a10b',
  allows: 'a model of the list',
  read: (written) => (ids.includes(written) || written === own ? good(written) : undefined),
  print: String,
};

/** The one table of parameters: links are read and written from it, and controls take their limits from it. Names are never reused. */
export const calculatorFields = {
  models: chosen,
  tokens: number(32_768, 1, 16_777_216, 1),
  sequences: number(1, 1, 4096, 1),
  keys: oneOf<CacheType>('f16', cacheTypeNames),
  values: oneOf<CacheType>('f16', cacheTypeNames),
  block: number(16, 1, 1024, 1),
  keep: number(1, 0.01, 1, 0.01),
  config: text(4000),
  host,
  gib: number(96, 4, 1024, 1),
  weights: number(72, 0, 1024, 0.1),
  ctx: number(150_000, 256, 16_777_216, 1),
  np: number(1, 1, 64, 1),
  ctk: oneOf<CacheType>('f16', ggmlTypes),
  ctv: oneOf<CacheType>('f16', ggmlTypes),
  ctxcp: number(32, 0, 256, 1),
  cram: number(6000, 0, 262_144, 1),
  buffers: number(2, 0, 64, 0.1),
  system: number(8, 0, 64, 0.1),
  wired: number(0, 0, 1_048_576, 1),
} as const satisfies { readonly [K in keyof CalculatorView]: Field<CalculatorView[K]> };

export const defaultCalculatorView = defaultsOf<CalculatorView>(calculatorFields);

export const calculatorLink = new LinkCodec<CalculatorView>(calculatorFields, {
  version: '1',
  onlyWhenChanged: ['config'],
});
