import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InSight } from '../../src/figures/in-sight.svelte.ts';
import { settle } from '../../src/figures/resting.ts';

let newest = $state(1);
let drawn: number[] = [];
let stop: () => void;

/** An element so far below the top of the page that it follows only if that is on the screen. */
function follow(top: number): HTMLElement {
  const node = document.createElement('div');
  node.style.cssText = `position: absolute; top: ${top}px; height: 20px; width: 20px`;
  document.body.append(node);
  const sight = new InSight();
  const followed = sight.follow(() => newest);
  stop = $effect.root(() => {
    $effect(() => {
      drawn.push(followed.current);
    });
    $effect(() => sight.watch(node));
  });
  flushSync();
  return node;
}

const show = (value: number) => {
  newest = value;
  flushSync();
};

/** Values are shown until one is not drawn: the browser takes a moment to say what can be seen. */
async function unseen(): Promise<void> {
  await expect
    .poll(() => {
      show(newest + 1);
      return drawn.at(-1) === newest;
    })
    .toBe(false);
  drawn = [];
}

beforeEach(() => {
  settle();
  drawn = [];
  newest = 1;
});
afterEach(() => {
  stop();
  scrollTo(0, 0);
});

test('what is in sight is drawn at once', async () => {
  const node = follow(10);
  await new Promise((resolve) => setTimeout(resolve, 100));
  show(2);
  show(3);
  expect(drawn).toEqual([1, 2, 3]);
  node.remove();
});

describe('what is out of sight', () => {
  test('is drawn when it comes into sight', async () => {
    const node = follow(5000);
    await unseen();
    show(98);
    show(99);
    expect(drawn).toEqual([]);
    scrollTo(0, 4800);
    await expect.poll(() => drawn).toEqual([99]);
    node.remove();
  });

  test('is drawn when everything rests, each time', async () => {
    const node = follow(5000);
    await unseen();
    show(98);
    settle();
    expect(drawn).toEqual([98]);
    show(99);
    show(100);
    expect(drawn).toEqual([98]);
    await expect.poll(() => drawn).toEqual([98, 100]);
    node.remove();
  });
});
