import { afterEach, describe, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import '../../src/styles/site.css';
import Calculator from '../../src/figures/Calculator.svelte';
import UnifiedMemory from '../../src/figures/UnifiedMemory.svelte';
import { calculatorLink, defaultCalculatorView } from '../../src/state/calculator-view.ts';
import { Calculator as State } from '../../src/state/calculator.svelte.ts';

// A busy machine takes seconds for a click.
vi.setConfig({ testTimeout: 60_000 });

afterEach(() => {
  vi.restoreAllMocks();
});

/** Files are read and charts are drawn in their own time, which is long on a busy machine. */
const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000 });

async function open() {
  const shared = new State();
  const { container } = await render(Calculator, { base: '/', shared });
  const field = (label: string) =>
    [...container.querySelectorAll('label')]
      .find((each) => each.textContent.trim().startsWith(label))!
      .querySelector<HTMLInputElement & HTMLSelectElement>('input, select')!;
  return {
    shared,
    container,
    field,
    answer: () => container.querySelector('.figure-sentence')!.textContent,
    fill: async (label: string, text: string) => {
      await userEvent.fill(field(label), text);
      await userEvent.tab();
    },
  };
}

const tableOf = (container: Element, caption: string) =>
  [...container.querySelectorAll('table')].find((table) => table.caption?.textContent === caption)!;

describe('the calculator', () => {
  test('answers first, then shows the product that the answer comes from', async () => {
    const { answer, container } = await open();
    expect(answer()).toMatch(/^Qwen3 32B keeps 8 GiB for 32,768 tokens in f16; each further token takes 256 KiB\./);
    expect(container.querySelector('.numbers')!.textContent).toBe(
      '= 64 × 8 × (128 × 2 B + 128 × 2 B) × 32,768 tokens × 1 sequence',
    );
    expect(container.querySelector('.naive')!.textContent).toContain('38 % too little here');
  });

  test('every control moves the answer', async () => {
    const { answer, field, fill } = await open();
    await userEvent.selectOptions(field('model'), 'DeepSeek-V3');
    // 61 × 576 × 2 B × 32,768
    expect(answer()).toContain('DeepSeek-V3 keeps 2.14 GiB');
    await userEvent.selectOptions(field('keys'), 'q8_0');
    expect(answer()).toContain('1.14 GiB for 32,768 tokens in q8_0 keys and f16 values');
    await fill('tokens', '1000');
    // 61 × 612 B × 1,000 = 35.6 MiB
    expect(answer()).toContain('35.6 MiB for 1,000 tokens');
    await fill('sequences', '10');
    expect(answer()).toContain('356 MiB for 10 sequences of 1,000 tokens');
    await fill('keep', '50');
    expect(answer()).toContain('178 MiB');
  });

  test('what is typed outside the limits is moved into them', async () => {
    const { shared, field, fill } = await open();
    await fill('tokens', '-5');
    expect([shared.view.tokens, field('tokens').value]).toEqual([1, '1']);
    await fill('block', '');
    expect([shared.view.block, field('block').value]).toEqual([16, '16']);
  });

  test('a box puts a model into the comparison, up to six, and the last one stays', async () => {
    const { container, shared } = await open();
    const box = (name: string) =>
      [...tableOf(container, 'All models').querySelectorAll('label')]
        .find((label) => label.textContent.trim() === name)!
        .querySelector('input')!;
    container.querySelector('details')!.open = true;
    await userEvent.click(box('GPT-2'));
    expect(shared.view.models.at(-1)).toBe('gpt-2');
    expect(tableOf(container, 'The models that are compared').querySelectorAll('tbody tr')).toHaveLength(5);
    for (const id of shared.view.models.slice(1)) shared.toggle(id);
    shared.toggle(shared.view.models[0]!);
    expect(shared.view.models).toEqual(['qwen3-32b']);
  });

  test('a chart of other settings is drawn when they are asked for', async () => {
    const { container, shared } = await open();
    shared.set({ models: ['gpt-2', 'jamba-v0.1'] });
    await soon(() =>
      expect(container.querySelector('.chart svg[role=img]')?.getAttribute('aria-label')).toBe(
        'Bytes over the length of the text for GPT-2, Jamba v0.1',
      ),
    );
    expect(container.querySelectorAll('.chart path[stroke-dasharray], .chart g[stroke-dasharray] path')).toHaveLength(
      2,
    );
    expect(container.querySelector('.chart style')).toBeNull();
  });

  test('its text can be copied as Markdown', async () => {
    const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    const { container } = await open();
    await userEvent.click(
      [...container.querySelectorAll('button')].find(({ textContent }) => textContent === 'copy Markdown')!,
    );
    expect(written.mock.calls[0]![0]).toContain('| Qwen3 32B | 256 KiB | 8.00 GiB | 8.00 GiB |');
    expect(written.mock.calls[0]![0]).toContain('/calculator/?v=1&models=qwen3-32b;');
  });
});

describe('a config.json of one’s own', () => {
  const config = {
    model_type: 'llama',
    num_hidden_layers: 10,
    hidden_size: 1024,
    num_attention_heads: 8,
    num_key_value_heads: 2,
  };

  test('is read, becomes the first model, and is carried by the link', async () => {
    const { container, answer, shared } = await open();
    container.querySelector<HTMLDetailsElement>('.own')!.open = true;
    await userEvent.fill(container.querySelector('textarea')!, JSON.stringify({ ...config, vocab_size: 5 }));
    await userEvent.click(
      [...container.querySelectorAll('button')].find(({ textContent }) => textContent === 'Read it')!,
    );
    // 10 × 2 × 128 × 2 × 2 B = 10,240 B
    expect(answer()).toContain(
      'Your config.json keeps 320 MiB for 32,768 tokens in f16; each further token takes 10 KiB.',
    );
    const { view, problems } = calculatorLink.read(shared.query, defaultCalculatorView);
    expect([JSON.parse(view.config), view.models[0], problems]).toEqual([config, 'own', []]);
  });

  test('is taken when it is dropped', async () => {
    const { container, answer } = await open();
    const data = new DataTransfer();
    data.items.add(new File([JSON.stringify(config)], 'config.json'));
    container
      .querySelector('.drop')!
      .dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    await soon(() => expect(answer()).toContain('Your config.json keeps 320 MiB'));
  });

  test('is refused with a reason, and what was shown stays', async () => {
    const { container, answer, shared } = await open();
    shared.bring(JSON.stringify({ ...config, kv_sharing: 2 }));
    await soon(() =>
      expect(container.querySelector('.own [role=status]')!.textContent).toContain(
        'kv_sharing may change what is kept',
      ),
    );
    expect(answer()).toContain('Qwen3 32B keeps');
  });

  test('that a link carries broken is left out, and that is said', () => {
    const state = new State();
    const close = state.start(
      `?${calculatorLink.write({ ...defaultCalculatorView, config: '{"model_type":"odd"}', models: ['own'] })}`,
    );
    expect(state.problems).toEqual(['config: it could not be read, and was left out.']);
    expect(state.chosen[0]!.model.id).toBe('gpt-2');
    close();
  });
});

describe('the memory bar', () => {
  const part = (container: Element, look: string) =>
    Number(container.querySelector(`svg.bar > .${look}`)!.getAttribute('width'));

  test('says what it adds up to, and draws it to the scale of the memory', async () => {
    const { container } = await render(UnifiedMemory, { base: '/', shared: new State() });
    expect(container.querySelector('.figure-sentence')!.textContent).toBe(
      '91.15 GiB of 96 GiB are taken, which leaves 4.85 GiB, and macOS pages before memory is full. The active cache is 3.43 GiB of that, 4 %.',
    );
    expect(part(container, 'weights')).toBeCloseTo((100 * 72e9) / (96 * 2 ** 30), 6);
    expect(container.querySelectorAll('svg.bar > .limit')).toHaveLength(1);
  });

  test('the advice takes less, and draws the wired limit', async () => {
    const { container } = await render(UnifiedMemory, { base: '/', shared: new State() });
    await userEvent.click(
      [...container.querySelectorAll('button')].find(({ textContent }) => textContent === 'as it is advised')!,
    );
    // 72e9 B, 150,016 × 13,056 B, 5 states of 156,303,360 B, 10 GiB.
    expect(container.querySelector('.figure-sentence')!.textContent).toMatch(
      /^79\.61 GiB of 96 GiB are taken, which leaves 16\.39 GiB\. The active cache is 1\.82 GiB of that, 2 %\./,
    );
    expect(container.querySelectorAll('svg.bar > .limit')).toHaveLength(2);
    expect(part(container, 'prompts')).toBe(0);
  });

  test('more than there is still fits into the picture', async () => {
    const shared = new State();
    shared.set({ weights: 200, wired: 1000 });
    const { container } = await render(UnifiedMemory, { base: '/', shared });
    expect(container.querySelector('.figure-sentence')!.textContent).toMatch(
      /more than there is: something is paged out\..* is over the wired limit\.$/,
    );
    const ends = [...container.querySelectorAll('svg.bar > rect')].map(
      (rect) => Number(rect.getAttribute('x') ?? 0) + Number(rect.getAttribute('width')),
    );
    expect(Math.max(...ends)).toBeLessThanOrEqual(100.001);
  });
});
