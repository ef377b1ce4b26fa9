import type { Row } from '../../src/catalog/rows.ts';

const marked = (mark: Row['lossless']) => ({ mark, why: 'for the sake of a test' });

/** A row of which a test says only what it is about. */
export const row = (slug: string, change: Partial<Row> = {}): Row => ({
  slug,
  name: slug,
  idea: 'does something',
  kind: 'method',
  levers: ['evict'],
  phases: ['prefill'],
  budget: 'uniform',
  lossless: 'no',
  reversible: 'no',
  granularity: 'token',
  buildsOn: [],
  servedBy: 'not looked up',
  madeFor: [],
  needs: { attention: 'none', queries: 'no', training: 'none', secondModel: 'no' },
  worksWith: {
    fusedAttention: marked('yes'),
    fitsPages: marked('partly'),
    freesPages: marked('no'),
    prefixCaching: marked('no'),
    gqa: marked('not stated'),
  },
  date: undefined,
  founding: undefined,
  claim: undefined,
  lane: undefined,
  figure: undefined,
  ...change,
});
