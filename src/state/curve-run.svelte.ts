import { noCurve } from './curve.ts';
import type { CurveProgress, EngineClient } from './engine-client.ts';
import type { View } from './view.ts';

/** A curve that is filling in, or has, with the view that it was asked for. */
export class CurveRun {
  progress = $state.raw<CurveProgress | undefined>(undefined);
  running = $state(false);
  failure = $state.raw<string | undefined>(undefined);
  view = $state.raw<View | undefined>(undefined);

  start(client: EngineClient | undefined, view: View): void {
    if (this.running) this.stop(client);
    this.progress = undefined;
    this.failure = noCurve(view);
    if (this.failure || !client) return;
    this.view = view;
    this.running = true;
    client.startCurve(view, view.texts, {
      onProgress: (progress) => {
        this.progress = progress;
        if (progress.done === progress.of) this.running = false;
      },
      onFailed: (message) => {
        this.failure = message;
        this.running = false;
      },
    });
  }

  stop(client: EngineClient | undefined): void {
    this.running = false;
    client?.stopCurve();
  }
}
