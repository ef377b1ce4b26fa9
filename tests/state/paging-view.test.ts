import { describe, expect, test } from 'vitest';
import { blocksLink, blocksView, treeLink, treeView } from '../../src/state/paging-view.ts';

describe('links of the figures of paging', () => {
  test('name all that decides the picture', () => {
    expect(blocksLink.write(blocksView)).toBe('v=1&seed=7&blocks=36&size=4&caching=on&freed=tail&tick=end');
    expect(treeLink.write({ ...treeView, tick: 3 })).toBe('v=1&seed=7&room=144&size=1&tick=3');
  });

  test('are read as they were written', () => {
    const view = { seed: 3, blocks: 20, size: 8, caching: 'off', freed: 'front', tick: 12 } as const;
    expect(blocksLink.read(blocksLink.write(view), blocksView)).toEqual({ view, problems: [] });
  });

  test('are repaired, and that is said', () => {
    const { view, problems } = blocksLink.read('v=1&blocks=4000&caching=maybe&lanes=full', blocksView);
    expect(view).toEqual({ ...blocksView, blocks: 96 });
    expect(problems).toEqual([
      'blocks: 4000 became 96.',
      'caching must be on or off, not "maybe"; on is used.',
      'Unknown and left out: lanes.',
    ]);
  });
});
