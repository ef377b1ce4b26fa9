import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { defaultTerms, parseLane, printLane } from '../../src/engine/lane-spec.ts';
import { membersOf } from '../../src/engine/members.ts';
import LaneTools from '../../src/figures/LaneTools.svelte';
import { methodName } from '../../src/figures/captions.ts';
import { Comparison } from '../../src/state/comparison.svelte.ts';
import { defaultView } from '../../src/state/view.ts';

/** The tools of one lane among others, unfolded. */
async function open(...lanes: string[]) {
  const index = lanes.length > 1 ? 1 : 0;
  const comparison = new Comparison({ ...defaultView, lanes }, undefined, false);
  const { container } = await render(LaneTools, { comparison, index });
  await userEvent.click(container.querySelector('summary')!);
  const field = (label: string, at = 0) => {
    const labels = [...container.querySelectorAll('label')].filter(
      (one) => one.querySelector('span')!.textContent === label,
    );
    return labels[at]!.querySelector<HTMLInputElement & HTMLSelectElement>('input, select')!;
  };
  return {
    comparison,
    field,
    shown: (label: string, at = 0) => field(label, at).selectedOptions[0]!.textContent,
    lane: () => comparison.view.lanes[index]!,
    choose: (label: string, name: string, at = 0) => userEvent.selectOptions(field(label, at), methodName(name)),
    fill: async (label: string, text: string) => {
      await userEvent.fill(field(label), text);
      await userEvent.tab();
    },
  };
}

describe('every role can be answered by every member, and the lane is what was chosen', () => {
  const normal = (lane: string) => {
    const { spec, problems } = parseLane(lane);
    expect(problems).toEqual([]);
    return printLane(spec);
  };

  test.each([
    ['keep', 'score'],
    ['share out', 'budget'],
    ['when', 'schedule'],
    ['the rest', 'fate'],
    ['written as', 'codec'],
    ['reads', 'retrieval'],
  ] as const)('%s', async (label, role) => {
    const tools = await open('full', 'tova', 'random');
    for (const { name, wraps = [] } of membersOf(role)) {
      tools.comparison.set({ lanes: ['full', 'tova', 'random'] });
      if (name === defaultTerms[role]) await tools.choose(label, membersOf(role).at(-1)!.name);
      await tools.choose(label, name);
      const holdsScore = wraps[0]?.role === 'score';
      // A wrapper takes in the score that was there, another score takes its place, and the rest is added.
      const expected = holdsScore ? `${name}(tova)` : role === 'score' ? name : `tova+${name}`;
      expect(tools.comparison.view.lanes).toEqual(['full', normal(expected), 'random']);
    }
  });

  test('all of them one after the other', async () => {
    const tools = await open('full');
    await tools.choose('keep', 'snapkv');
    await tools.fill('window', '16');
    await tools.choose('share out', 'adakv');
    await tools.fill('safeguard', '0.3');
    await tools.choose('when', 'every');
    await tools.fill('n', '8');
    await tools.choose('the rest', 'merge');
    await tools.choose('and then', 'rerotate');
    await tools.choose('and then', 'compact', 1);
    await tools.choose('written as', 'kivi');
    await userEvent.selectOptions(tools.field('bits'), '4');
    await tools.choose('reads', 'quest');
    expect(tools.lane()).toBe('adakv(snapkv,safeguard=0.3)+every(n=8)+merge+rerotate+compact+kivi(bits=4)+quest');
    await tools.choose('share out', 'uniform');
    await tools.choose('when', 'after-prompt');
    await userEvent.selectOptions(tools.field('and then'), 'nothing');
    await userEvent.selectOptions(tools.field('written as'), '16 bits');
    await tools.choose('reads', 'everything');
    expect(tools.lane()).toBe('snapkv+merge+compact');
  });
});

describe('settings', () => {
  test('can be 0', async () => {
    const tools = await open('full', 'streaming-llm');
    await tools.fill('sinks', '0');
    expect(tools.lane()).toBe('streaming-llm(sinks=0)');
    expect(tools.field('sinks').valueAsNumber).toBe(0);
  });

  test('that are emptied are as usual again', async () => {
    const tools = await open('full', 'streaming-llm(sinks=9)');
    await tools.fill('sinks', '');
    expect(tools.lane()).toBe('streaming-llm');
    expect(tools.field('sinks').valueAsNumber).toBe(4);
  });

  test('out of range are moved to the nearest that can be, in the lane and in the field', async () => {
    const tools = await open('full', 'streaming-llm');
    await tools.fill('sinks', '999');
    expect(tools.lane()).toBe('streaming-llm(sinks=64)');
    expect(tools.field('sinks').valueAsNumber).toBe(64);
    // The second time nothing changes in the lane, and the field must still not keep what was typed.
    await tools.fill('sinks', '998');
    expect(tools.lane()).toBe('streaming-llm(sinks=64)');
    expect(tools.field('sinks').valueAsNumber).toBe(64);
  });

  test('are switches and choices too', async () => {
    const tools = await open('full', 'h2o+kivi');
    await userEvent.click(tools.field('average'));
    await userEvent.selectOptions(tools.field('bits'), '8');
    expect(tools.lane()).toBe('h2o(average=false)+kivi(bits=8)');
    await userEvent.click(tools.field('average'));
    await userEvent.selectOptions(tools.field('bits'), '2');
    expect(tools.lane()).toBe('h2o+kivi');
  });

  test('stay when something else is changed', async () => {
    const tools = await open('full', 'streaming-llm(sinks=0)+kivi(bits=8)');
    await tools.choose('when', 'every');
    await tools.choose('share out', 'pyramid');
    expect(tools.lane()).toBe('pyramid(streaming-llm(sinks=0))+every+kivi(bits=8)');
  });
});

describe('a wrapper takes in what was there', () => {
  test('a score', async () => {
    const tools = await open('full', 'snapkv(window=3)');
    await tools.choose('keep', 'inverted');
    expect(tools.lane()).toBe('inverted(snapkv(window=3))');
    await tools.choose('keep', 'tova', 1);
    expect(tools.lane()).toBe('inverted(tova)');
    await tools.choose('keep', 'knorm');
    expect(tools.lane()).toBe('knorm');
  });

  test('a budget, and gives it to the next one and back', async () => {
    const tools = await open('full', 'inverted(snapkv(window=3))');
    await tools.choose('share out', 'adakv');
    expect(tools.lane()).toBe('adakv(inverted(snapkv(window=3)))');
    await tools.choose('share out', 'pyramid');
    expect(tools.lane()).toBe('pyramid(inverted(snapkv(window=3)))');
    await tools.choose('share out', 'uniform');
    expect(tools.lane()).toBe('inverted(snapkv(window=3))');
    expect(tools.shown('share out')).toBe('Uniform');
  });

  test('a codec, which becomes the first of two', async () => {
    const tools = await open('full', 'h2o+kivi(bits=8)');
    await tools.choose('written as', 'per-layer');
    expect(tools.lane()).toBe('h2o+per-layer(kivi(bits=8),kivi)');
    await userEvent.selectOptions(tools.field('bits', 1), '3');
    expect(tools.lane()).toBe('h2o+per-layer(kivi(bits=8),kivi(bits=3))');
  });
});

describe('the fates of a lane', () => {
  test('are drawn as they are, and what comes next is still open', async () => {
    const tools = await open('full', 'h2o');
    expect(tools.shown('the rest')).toBe('drop');
    await tools.choose('the rest', 'merge');
    expect(tools.lane()).toBe('h2o+merge');
    expect([tools.shown('the rest'), tools.shown('and then')]).toEqual(['merge', 'nothing']);
    await tools.choose('and then', 'compact');
    expect(tools.lane()).toBe('h2o+merge+compact');
    expect([tools.shown('and then'), tools.shown('and then', 1)]).toEqual(['compact', 'nothing']);
  });

  test('go one by one, and the others move up', async () => {
    const tools = await open('full', 'h2o+merge+compact');
    await userEvent.selectOptions(tools.field('the rest'), 'drop');
    expect(tools.lane()).toBe('h2o+compact');
    expect([tools.shown('the rest'), tools.shown('and then')]).toEqual(['compact', 'nothing']);
    await userEvent.selectOptions(tools.field('the rest'), 'drop');
    expect(tools.lane()).toBe('h2o');
    expect(tools.shown('the rest')).toBe('drop');
  });

  test('have each choice once', async () => {
    const tools = await open('full', 'h2o+merge');
    for (const label of ['the rest', 'and then', 'written as', 'when', 'reads', 'keep', 'share out']) {
      const names = [...tools.field(label).options].map(({ textContent }) => textContent);
      expect(names).toEqual([...new Set(names)]);
    }
  });
});

test('lanes are moved and removed, but never the last one', async () => {
  const tools = await open('full', 'h2o', 'kivi');
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await userEvent.click(button('move left'));
  expect(tools.comparison.view.lanes).toEqual(['h2o', 'full', 'kivi']);
  await userEvent.click(button('move right'));
  expect(tools.comparison.view.lanes).toEqual(['h2o', 'kivi', 'full']);
  await userEvent.click(button('remove'));
  expect(tools.comparison.view.lanes).toEqual(['h2o', 'full']);
  await expect.element(button('move right')).toBeDisabled();
  tools.comparison.set({ lanes: [printLane(parseLane('h2o').spec)] });
  await expect.element(button('remove')).toBeDisabled();
});
