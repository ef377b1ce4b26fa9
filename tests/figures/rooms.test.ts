import { expect, test } from 'vitest';
import type { Event } from '../../src/engine/events.ts';
import { nowOf, roomsOf, trafficOf } from '../../src/figures/rooms.ts';
import { frameOf } from './frames.ts';

// Two heads of six tokens, <bos> first. Token 2 is with the host in both, 3 in one, 4 is held by one and away, 5 by nobody.
test('a word is near where some head has it near, far where it is only with the host, and else nowhere', () => {
  const frame = frameOf(['#####.', '####..'], {
    host: Uint8Array.of(0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0),
    carried: [3, 2],
    missed: { positions: [2], weights: [0.4] },
  });
  expect(roomsOf(frame, 6, [0, 1], 6)).toEqual({
    near: [
      { position: 1, level: 16, wanted: 0, turn: -1 },
      { position: 3, level: 8, wanted: 0, turn: 0 },
    ],
    far: [
      { position: 2, level: 0, wanted: 0.4, turn: 1 },
      { position: 4, level: 0, wanted: 0, turn: -1 },
    ],
  });
  expect(roomsOf(frame, 6, [0, 1], 3).far.map(({ position }) => position)).toEqual([2]);
});

test('traffic is counted by ticks, in entries', () => {
  expect(
    trafficOf([
      { type: 'move', layer: 0, to: 'host', moves: [Uint32Array.of(1, 1, 2, 2), Uint32Array.of(1, 1)] },
      { type: 'tick', phase: 'compress' },
      { type: 'move', layer: 0, to: 'device', moves: [Uint32Array.of(2, 0)] },
      { type: 'move', layer: 1, to: 'device', moves: [Uint32Array.of(2, 0)] },
      { type: 'missed', recall: 0.5, missed: { positions: [], weights: [] } },
      { type: 'tick', phase: 'ask' },
      { type: 'tick', phase: 'answer' },
    ]),
  ).toEqual([
    { in: 0, out: 3, recall: undefined },
    { in: 2, out: 0, recall: 0.5 },
    { in: 0, out: 0, recall: undefined },
  ]);
});

test('the clock begins with the ticks of the prompt, and a lane has its own after them', () => {
  const read: Event[] = [0, 1, 2].map(() => ({ type: 'tick', phase: 'read' }));
  expect((['end', 0, 3, 4, 5, 9] as const).map((now) => nowOf(now, read, 2))).toEqual([2, 0, 0, 1, 2, 2]);
});
