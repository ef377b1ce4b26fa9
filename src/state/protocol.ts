import type { Shown } from './compare.ts';
import type { CurvePoint } from './curve.ts';
import type { View } from './view.ts';

/** What the page asks of the worker. Every request has a number; answers to older ones are dropped. */
export type Request =
  | { readonly type: 'load'; readonly base: string }
  | { readonly type: 'compare'; readonly id: number; readonly view: View }
  | { readonly type: 'curve'; readonly id: number; readonly view: View; readonly seeds: number }
  | { readonly type: 'stop' };

export type Reply =
  | { readonly type: 'ready'; readonly kernels: string }
  | { readonly type: 'compared'; readonly id: number; readonly shown: Shown }
  | {
      readonly type: 'curve';
      readonly id: number;
      readonly points: readonly CurvePoint[];
      readonly done: number;
      readonly of: number;
    }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
