import type { Component } from 'svelte';

/** A drawing of how something works, and the one sentence that says the same. */
interface Picture {
  readonly default: Component;
  readonly sentence: string;
}

/** Every drawing of this folder by the slug of its entry, which is the name of its file. */
export const pictures: Readonly<Record<string, Picture>> = Object.fromEntries(
  Object.entries(import.meta.glob<Picture>('./*.svelte', { eager: true })).map(([path, picture]) => [
    path.replace(/^\.\/|\.svelte$/g, ''),
    picture,
  ]),
);
