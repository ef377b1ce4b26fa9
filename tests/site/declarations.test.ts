/** What a page's own scripts hold of the engine: what members say of themselves, and nothing that makes them work. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';
import { expect, test } from 'vitest';
import { withoutMakers } from '../../src/build/declarations.ts';
import { dist } from './dist.ts';

/** ESTree of a script, by the parser that Svelte brings. */
const treeOf = (code: string) => parse(`<script>${code}</script>`, { modern: true }).instance!.content;

test('a member keeps all but its maker', () => {
  const code = `const rule = defineScore({ name: 'rule', make: ({ n }) => new Rule(n), caption: { make: 1 } }); other({ make: 2 }); defineFate({ make, n: defineFate({ make() { return 1; } }) });`;
  const at = '<script>'.length;
  const shifted = JSON.parse(JSON.stringify(treeOf(code)), (key, value: unknown) =>
    key === 'start' || key === 'end' ? (value as number) - at : value,
  ) as unknown;
  expect(withoutMakers(code, shifted)).toBe(
    `const rule = defineScore({ name: 'rule', make: undefined, caption: { make: 1 } }); other({ make: 2 }); defineFate({ make: undefined, n: defineFate({ make: undefined }) });`,
  );
});

test('pages carry no rule, and workers all of them', () => {
  const folder = join(dist, '_astro');
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const texts = scripts.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  const makers = /make:\s*(?:\(|[\w$]+\s*=>)/;
  const withMakers = texts.filter(({ text }) => makers.test(text)).map(({ name }) => name.split(/[-.]/)[0]);
  expect(withMakers.sort()).toEqual(['engine', 'study']);
});
