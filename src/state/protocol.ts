import type { LaneCauses } from './causes.ts';
import type { Shown } from './compare.ts';
import type { CurvePoint } from './curve.ts';
import type { StudyName } from './studies/index.ts';
import type { View } from './view.ts';

/** What the page asks of the worker. Every run has a number, which its answers carry. */
export type Request =
  /** Where the models are, and which of them will be asked first. */
  | { readonly type: 'load'; readonly base: string; readonly model: View['model'] }
  | { readonly type: 'compare'; readonly id: number; readonly view: View }
  | { readonly type: 'curve'; readonly id: number; readonly view: View; readonly seeds: number }
  | { readonly type: 'study'; readonly id: number; readonly name: StudyName; readonly view: object }
  | { readonly type: 'stop' };

/** A run without its prompt, where that is the one that was sent before. */
export type Sent = Omit<Shown, 'prompt'> & { readonly prompt: Shown['prompt'] | undefined };

export type Reply =
  | { readonly type: 'ready'; readonly kernels: string }
  /** The model did not come; asking for it again may help. */
  | { readonly type: 'unloaded'; readonly message: string }
  /** What the lanes hold, before they answer. */
  | { readonly type: 'kept'; readonly id: number; readonly shown: Sent }
  | { readonly type: 'compared'; readonly id: number; readonly shown: Sent }
  /** What one lane's answer is owed to, when nothing newer was asked for a while. */
  | (LaneCauses & { readonly type: 'causes'; readonly id: number })
  | {
      readonly type: 'curve';
      readonly id: number;
      readonly points: readonly CurvePoint[];
      readonly done: number;
      readonly of: number;
    }
  /** @param done whether nothing fuller follows */
  | { readonly type: 'studied'; readonly id: number; readonly result: unknown; readonly done: boolean }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
