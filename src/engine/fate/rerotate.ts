import { defineFate } from './types.ts';

/**
 * What stays is moved up: the keys of each head are turned to positions 0, 1, 2, ..., as if nothing had been between them, and the next token follows on.
 * As kvpress KeyRerotationPress, and as StreamingLLM counts positions inside the cache (arXiv 2309.17453).
 */
export const rerotate = defineFate({
  name: 'rerotate',
  caption: { name: 're-rotate', idea: 'what stays moves up' },
  source: 'kvpress KeyRerotationPress; arXiv 2309.17453',
  settings: {},
  make: () => ({ after: (cache, layer) => cache.rotate(layer) }),
});
