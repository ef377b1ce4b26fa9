/** The shipped model in the browser of the tests, behind a worker that answers when a test says so. */
import { Engine } from '../../src/engine/engine.ts';
import type { ModelFile } from '../../src/engine/model/model.ts';
import { Comparer, type Shown } from '../../src/state/compare.ts';
import type { FakePort } from '../state/ports.ts';

const file = (name: string) => fetch(`/models/harbour/${name}`);

export async function shippedComparer(): Promise<Comparer> {
  const [config, tokenizer, weights, calibration] = await Promise.all(
    ['config.json', 'tokenizer.json', 'model.safetensors', 'calibration.safetensors'].map(file),
  );
  const engine = new Engine({
    id: 'harbour',
    config: (await config!.json()) as ModelFile['config'],
    tokenizer: await tokenizer!.json(),
    weights: new Uint8Array(await weights!.arrayBuffer()),
    calibration: new Uint8Array(await calibration!.arrayBuffer()),
  });
  return new Comparer(engine);
}

/** Answers the newest comparison that was asked, in its two steps. A prompt that is `known` is not sent again, as the worker has it. */
export function answering(comparer: Comparer, port: FakePort, known = false) {
  const { id, view } = port.last('compare');
  const underway = comparer.start(view);
  const sent = (shown: Shown) => (known ? { ...shown, prompt: undefined } : shown);
  return {
    keep: () => port.reply({ type: 'kept', id, shown: sent(underway.shown) }),
    compare: () => port.reply({ type: 'compared', id, shown: sent(underway.finish()) }),
  };
}

/** The whole answer at once. */
export const answer = (comparer: Comparer, port: FakePort) => answering(comparer, port).compare();
