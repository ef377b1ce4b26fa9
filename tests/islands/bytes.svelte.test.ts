import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Bytes from '../../src/figures/Bytes.svelte';

const bytes = { keys: 1024, values: 1024, metadata: 512, live: 2560, holes: 1536, allocated: 4096, host: 0 };

test('the bar is drawn to the scale of the full cache, holes and the limit included', async () => {
  const screen = await render(Bytes, { bytes, full: 8192, keep: 0.5, large: true });
  const width = (name: string) => Number(screen.container.querySelector(`svg.large .${name}`)!.getAttribute('width'));
  expect(width('keys')).toBeCloseTo(12.5);
  expect(width('metadata')).toBeCloseTo(6.25);
  expect(width('holes')).toBeCloseTo(18.75);
  expect(Number(screen.container.querySelector('.limit')!.getAttribute('x'))).toBeCloseTo(49.85);
  expect(screen.container.textContent).toContain('2.5 KiB, 31 %');
  expect(screen.container.textContent).toContain('4.0 KiB, 50 %');
});

test('what lies with the host has a bar of its own, to the same scale, and is in no other', async () => {
  const screen = await render(Bytes, { bytes: { ...bytes, host: 6144 }, full: 8192, keep: 0.5, large: true });
  const bars = [...screen.container.querySelectorAll('svg.large')];
  expect(bars).toHaveLength(2);
  expect(Number(bars[1]!.querySelector('.host')!.getAttribute('width'))).toBeCloseTo(75);
  expect(bars[0]!.querySelector('.host')).toBeNull();
  expect(screen.container.textContent).toContain('6.0 KiB, 75 %');
  expect(screen.container.textContent).toContain('moved, not removed');
});

test('a lane that takes more than the full cache still fits into its picture', async () => {
  const screen = await render(Bytes, { bytes: { ...bytes, holes: 13_824, allocated: 16_384 }, full: 8192, keep: 1 });
  const rects = [...screen.container.querySelectorAll('svg > rect')];
  const end = Math.max(
    ...rects.map((rect) => Number(rect.getAttribute('x') ?? 0) + Number(rect.getAttribute('width'))),
  );
  expect(end).toBeLessThanOrEqual(100.001);
  expect(screen.container.querySelector('.limit')).toBeNull();
});
