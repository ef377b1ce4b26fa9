/** A figure's side of a study: what it asks the worker, and what stays on the page meanwhile. */
import { expect, test } from 'vitest';
import { number, oneOf } from '../../src/state/fields.ts';
import { StudyRun } from '../../src/state/study-run.svelte.ts';
import { Ports } from '../state/ports.ts';

interface View {
  readonly seed: number;
  readonly look: 'near' | 'far';
}

const study = {
  fields: { seed: number(7, 0, 99, 1), look: oneOf<View['look']>('near', ['near', 'far']) },
  asks: ['seed'],
} as const;

function opened() {
  const ports = new Ports();
  const run = new StudyRun<View, string>('keys', study, '/models/', '"of 7"', ports.open);
  const studied = (id: number, result: string, done = true) => {
    ports.newest.reply({ type: 'studied', id, result, done });
  };
  return { ports, run, studied };
}

test('what is only looked at asks nobody', () => {
  const { ports, run } = opened();
  run.set({ look: 'far' });
  expect([ports.opened.length, run.result, run.shown.look, run.waiting]).toEqual([0, 'of 7', 'far', false]);
});

test('what needs the model is asked for, and until it comes the picture says which view it is of', () => {
  const { ports, run, studied } = opened();
  run.set({ seed: 8, look: 'far' });
  expect(ports.newest.sent).toEqual([
    { type: 'load', base: '/models/', model: 'harbour' },
    { type: 'study', id: 1, name: 'keys', view: { seed: 8, look: 'far' } },
  ]);
  expect([run.waiting, run.running, run.shown, run.result]).toEqual([true, true, { seed: 7, look: 'far' }, 'of 7']);
  studied(1, 'half of 8', false);
  expect([run.waiting, run.running, run.shown.seed, run.result]).toEqual([false, true, 8, 'half of 8']);
  studied(1, 'of 8');
  expect([run.running, run.result]).toEqual([false, 'of 8']);
});

test('an answer that something newer has overtaken is not drawn', () => {
  const { run, studied } = opened();
  run.set({ seed: 8 });
  run.set({ seed: 9 });
  studied(1, 'of 8');
  expect(run.result).toBe('of 7');
  studied(2, 'of 9');
  expect([run.result, run.shown.seed]).toEqual(['of 9', 9]);
});

test('back at what is drawn before the answer came, the answer is not taken for it', () => {
  const { run, studied } = opened();
  run.set({ seed: 8 });
  run.set({ seed: 7 });
  studied(1, 'of 8');
  expect([run.result, run.shown.seed, run.waiting]).toEqual(['of 7', 7, false]);
});

test('a failure is said, and the next change asks a new worker', () => {
  const { ports, run, studied } = opened();
  run.set({ seed: 8 });
  ports.newest.stop();
  expect([run.failure, run.running]).toEqual(['The engine stopped.', false]);
  run.set({ seed: 9 });
  expect([ports.opened.length, run.failure]).toEqual([2, undefined]);
  studied(2, 'of 9');
  expect(run.result).toBe('of 9');
});

test('the link names all of the view', () => {
  const { run } = opened();
  run.set({ look: 'far' });
  expect(run.query).toBe('v=1&seed=7&look=far');
});
