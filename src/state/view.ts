import { mostLanes } from '../engine/engine.ts';
import { parseLane, printLane } from '../engine/lane-spec.ts';
import { moments, readings, shortestText, trainedText, type ReadingWay, type When } from '../engine/prompt.ts';
import { kinds as allKinds, type Kind } from '../engine/world/facts.ts';
import { amounts, defaultKinds, type Amount } from '../engine/world/text.ts';
import { number, numberOr, oneOf, text, type Field } from './fields.ts';
import { modelId, models, type ModelId } from './models.ts';

export const pictures = ['words', 'heads', 'pages', 'bytes', 'rooms', 'scores'] as const;
export type Picture = (typeof pictures)[number];

/** Pictures that show more than a run tells: the engine is asked for it while one of them is looked at. */
export const askedPictures: ReadonlySet<Picture> = new Set(['scores']);

/** Which slots ink counts: all alike, or each by what its head is worth to answers. */
export const inks = ['all', 'read'] as const;
export type InkOf = (typeof inks)[number];

/** Everything that decides what a comparison shows. A link is this, written out. */
export interface View {
  readonly model: ModelId;
  readonly lanes: readonly string[];
  readonly seed: number;
  readonly length: number;
  readonly kinds: readonly Kind[];
  /** How many facts the text has among its filler. */
  readonly facts: Amount;
  readonly question: number;
  readonly moment: When;
  /** How the prompt came into the cache. */
  readonly reading: ReadingWay;
  /** Questions that are asked one after the other. */
  readonly turns: number;
  readonly keep: number;
  readonly view: Picture;
  /** Ticks of the clock, or the end of the run. */
  readonly tick: number | 'end';
  readonly layer: number | 'all';
  readonly head: number | 'all';
  readonly ink: InkOf;
  /** A reader's own text and question; '' where the text comes from the seed. */
  readonly text: string;
  readonly ask: string;
  /** How many texts a curve asks. */
  readonly texts: number;
}

const typed = text(12_000);

const lanes: Field<readonly string[]> = {
  default: ['full', 'streaming-llm', 'h2o', 'snapkv'],
  allows: `1 to ${mostLanes} lanes separated by ;`,
  read(text) {
    const parts = text
      .split(';')
      .map((part) => part.trim())
      .filter(Boolean);
    if (!parts.length) return undefined;
    const parsed = parts.slice(0, mostLanes).map(parseLane);
    const problems = parsed.flatMap((lane) => lane.problems);
    if (parts.length > mostLanes) problems.push(`only the first ${mostLanes} of ${parts.length} lanes are shown`);
    return { value: parsed.map(({ spec }) => printLane(spec)), problems };
  },
  print: (value) => value.join(';'),
};

const kinds: Field<readonly Kind[]> = {
  default: defaultKinds,
  allows: `some of ${allKinds.join(', ')}`,
  read(text) {
    const wanted = text.split(',').map((part) => part.trim());
    const value = allKinds.filter((kind) => wanted.includes(kind));
    const unknown = wanted.filter((part) => !allKinds.some((kind) => kind === part));
    return value.length
      ? { value, problems: unknown.map((part) => `there is no kind "${part.slice(0, 20)}"`) }
      : undefined;
  },
  print: (value) => value.join(','),
};

/** The one table of parameters: links are read and written from it, and controls take their limits from it. Names are never reused. */
export const fields = {
  model: oneOf<ModelId>(modelId, Object.keys(models) as ModelId[]),
  lanes,
  seed: number(7, 0, 4294967295, 1),
  length: number(512, shortestText, trainedText, 1),
  kinds,
  facts: oneOf<Amount>('many', Object.keys(amounts) as Amount[]),
  question: number(0, 0, 999, 1),
  moment: oneOf<When>('later', moments),
  reading: oneOf<ReadingWay>('whole', readings),
  turns: number(1, 1, 6, 1),
  keep: number(0.25, 0.01, 1, 0.01),
  view: oneOf<Picture>('words', pictures),
  tick: numberOr('end', 4096),
  layer: numberOr('all', 63),
  head: numberOr('all', 63),
  ink: oneOf<InkOf>('all', inks),
  text: typed,
  ask: typed,
  texts: number(20, 1, 500, 1),
} as const satisfies { readonly [K in keyof View]: Field<View[K]> };

export const defaultView = Object.fromEntries(
  Object.entries(fields).map(([name, field]) => [name, field.default]),
) as unknown as View;
