import type { Plugin } from 'vite';

/** Files in which members of the engine's roles declare themselves. */
const members = /[\\/]src[\\/]engine[\\/](?:eviction|budget|schedule|fate|quantization|retrieval)[\\/]/;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}
interface Call extends Node {
  readonly callee: { readonly name?: string };
  readonly arguments: readonly {
    readonly properties?: readonly (Node & { key?: { name?: string } })[];
  }[];
}

/** All calls in a tree. */
function callsIn(node: unknown): Call[] {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.values(node).flatMap(callsIn);
  return (node as Node).type === 'CallExpression' ? [node as Call, ...below] : below;
}

/** A script whose members say what they are, and no longer how they are made. @param tree of the script, as ESTree */
export function withoutMakers(code: string, tree: unknown): string {
  const makers = callsIn(tree)
    .filter(({ callee }) => /^define[A-Z]/.test(callee.name ?? ''))
    .flatMap((call) => call.arguments[0]?.properties ?? [])
    .filter(({ key }) => key?.name === 'make')
    .sort((a, b) => b.start - a.start);
  return makers.reduce((text, { start, end }) => `${text.slice(0, start)}make: undefined${text.slice(end)}`, code);
}

/**
 * Pages read, print and describe lanes; only the worker runs them. Without what makes a member work, its rule is no part of a page's scripts. Where the
 * site is built, and in the worker, members are whole.
 */
export const declarations = (): Plugin => ({
  name: 'declarations',
  apply: 'build',
  enforce: 'post',
  applyToEnvironment: ({ name }) => name === 'client',
  transform(code, id) {
    return members.test(id) ? { code: withoutMakers(code, this.parse(code)), map: null } : undefined;
  },
});
