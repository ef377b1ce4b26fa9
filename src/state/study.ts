import type { Engine } from '../engine/engine.ts';
import { LinkCodec } from './codec.ts';
import type { FieldsOf } from './fields.ts';

/**
 * An experiment on the model that one figure shows: its link's table, and which parts of a view need the model. It runs while a page is built, for the
 * picture that stands in the HTML, and in the worker when a reader asks for something else. A file of `studies/` exports these parts under these names, so
 * that a page takes along what its figure names and leaves the running to the worker.
 */
export interface Study<V extends object> {
  readonly fields: FieldsOf<V>;
  /** What a result depends on; the figure itself sees to the rest of the view. */
  readonly asks: readonly (keyof V & string)[];
}

/** A study with its work. */
export interface Experiment<V extends object, R> extends Study<V> {
  /**
   * Each result that is yielded is whole, and fuller than the one before; the last is the answer. A newer request is looked for in between.
   * Results are plain JSON: numbers, texts, lists and objects.
   */
  run(engine: Engine, view: V): Iterable<R>;
}

/** Links of a study's figure. */
export const studyLink = <V extends object>({ fields }: Study<V>): LinkCodec<V> =>
  new LinkCodec<V>(fields, { version: '1', onlyWhenChanged: [] });
