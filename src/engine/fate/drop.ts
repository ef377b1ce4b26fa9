import { defineFate } from './types.ts';

/** Nothing: what is not kept is gone. What a lane does whose fate is not written out. */
export const drop = defineFate({
  name: 'drop',
  caption: { name: 'drop', idea: 'the rest is gone' },
  source: 'kvpress ScorerPress',
  settings: {},
  make: () => ({}),
});
