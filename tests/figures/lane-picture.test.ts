import { describe, expect, test } from 'vitest';
import { frameBytes, type Frame } from '../../src/engine/timeline.ts';
import { heldHeads, lastAnswer, pictureOf } from '../../src/figures/lane-picture.ts';
import { Comparer, type Shown } from '../../src/state/compare.ts';
import { Film } from '../../src/state/film.ts';
import { defaultView, type View } from '../../src/state/view.ts';
import { engineOf } from '../engine/harbour.ts';
import { frameOf } from './frames.ts';
import { answered, laneOf, outcomeOf, shownOf } from './runs.ts';

const looks: View = { ...defaultView };

describe('what a lane said last', () => {
  const before = shownOf([answered('full', 'barn', false), answered('h2o', 'mill', true)], {}, { keep: 0.5 });
  const waiting = { ...before, lanes: [laneOf('h2o', undefined)] };

  test('stands until it has answered anew', () => {
    expect(lastAnswer(waiting, waiting.lanes[0]!, before)).toBe('Mill');
    expect(lastAnswer(before, before.lanes[1]!, before)).toBe('');
  });

  test('is its own, and to the same text', () => {
    expect(lastAnswer(waiting, laneOf('tova', undefined), before)).toBe('');
    expect(lastAnswer({ ...waiting, prompt: { ...before.prompt } }, waiting.lanes[0]!, before)).toBe('');
    expect(lastAnswer(waiting, waiting.lanes[0]!, undefined)).toBe('');
  });
});

describe('the picture of a lane, by hand', () => {
  /** One layer of two KV heads, four tokens of text and two of a question. */
  const shape = { layers: 1, kvHeads: 2, headDim: 4, tokens: 6 };
  const shown: Shown = { ...shownOf([answered('h2o', 'mill', true)], { compressedAt: 4 }), shape };
  const lane = shown.lanes[0]!;
  const frame = frameOf(['#2.###', '.2.#..'], { blocks: Uint8Array.of(1), phase: 'answer' });

  test('is drawn from its frame, for the heads in view', () => {
    expect(heldHeads(shown)).toBe(2);
    const all = pictureOf(shown, lane, frame, looks);
    expect([all.heads, [...all.ink.level], [...all.ink.bits]]).toEqual([
      [0, 1],
      [8, 16, 0, 16, 8, 8],
      [0, 2, 0, 0, 0, 0],
    ]);
    const second = pictureOf(shown, lane, frame, { ...looks, head: 1 });
    expect([second.heads, [...second.ink.level]]).toEqual([[1], [0, 16, 0, 16, 0, 0]]);
  });

  test('counts the bytes of what the frame holds of the prompt, in all heads, whatever is in view', () => {
    // Three entries at 16 bits and two at 2, of 4 numbers a side; one block of 16 slots in two heads.
    const side = (3 * 4 * 16 + 2 * 4 * 2) / 8;
    const holes = (32 - 5) * ((2 * side) / 5);
    for (const head of ['all', 1] as const) {
      const { bytes } = pictureOf(shown, lane, frame, { ...looks, head });
      expect(bytes).toMatchObject({ keys: side, values: side, metadata: 0, live: 2 * side });
      expect(bytes.holes).toBeCloseTo(holes, 9);
    }
    // Not those that the run had in the end.
    expect(pictureOf(shown, lane, frame, looks).bytes.live).not.toBe(lane.bytes.live);
  });

  test('an empty frame holds nothing', () => {
    const nothing = frameOf(['......', '......'], { read: 0, blocks: Uint8Array.of(0) });
    expect(pictureOf(shown, lane, nothing, looks)).toMatchObject({
      bytes: { live: 0, allocated: 0 },
      said: '',
      verdict: '',
    });
  });
});

describe('what a lane says', () => {
  const at = (answer: string[], phase: Frame['phase'] = 'answer') => frameOf(['####'], { answer, phase });
  const draw = (shown: Shown, frame: Frame) => {
    const { said, verdict, earlier } = pictureOf(shown, shown.lanes[0]!, frame, looks);
    return { said, verdict, earlier: earlier.map(({ answer, right }) => [answer, right]) };
  };

  test('grows word by word, and is judged when it is said in full', () => {
    const shown = shownOf([answered('h2o', 'the mill', true)]);
    expect(draw(shown, at([], 'ask'))).toEqual({ said: '', verdict: '', earlier: [] });
    expect(draw(shown, at(['the']))).toEqual({ said: 'The', verdict: '', earlier: [] });
    expect(draw(shown, at(['the', 'mill']))).toEqual({ said: 'The mill', verdict: 'right', earlier: [] });
    expect(draw(shown, at(['the', 'mill', '.']))).toEqual({ said: 'The mill', verdict: 'right', earlier: [] });
  });

  test.each([
    [true, false, 'right'],
    [false, true, 'wrong'],
    [undefined, true, 'as with the full cache'],
    [undefined, false, 'not as with the full cache'],
  ])('right %s and as the full cache %s', (right, sameAsFull, verdict) => {
    const outcome = outcomeOf([['mill', right]], { sameAsFull });
    expect(draw(shownOf([laneOf('h2o', outcome)]), at(['mill', '.'])).verdict).toBe(verdict);
  });

  test('is not judged before the lane has answered', () => {
    expect(draw(shownOf([laneOf('h2o', undefined)]), at(['mill', '.']))).toEqual({
      said: 'Mill',
      verdict: '',
      earlier: [],
    });
  });

  test('in several turns stands with its question, and nothing is wrong before it is said', () => {
    const turns = [
      { question: ['who', '?'], expected: ['anna'] },
      { question: ['what', '?'], expected: ['figs'] },
      { question: ['where', '?'], expected: ['mill'] },
    ];
    const lane = laneOf(
      'h2o',
      outcomeOf([
        ['anna', true],
        ['tea and jam', false],
        ['mill', true],
      ]),
    );
    const shown = shownOf([lane], { turns, ...turns[2] });
    const { earlier } = pictureOf(shown, lane, at([], 'ask'), looks);
    expect(earlier.map(({ question }) => question)).toEqual([
      ['who', '?'],
      ['what', '?'],
    ]);
    const story: [string[], Frame['phase'], unknown][] = [
      [
        [],
        'ask',
        {
          said: '',
          verdict: '',
          earlier: [
            ['', undefined],
            ['', undefined],
          ],
        },
      ],
      [
        ['anna', '.'],
        'answer',
        {
          said: '',
          verdict: '',
          earlier: [
            ['Anna', true],
            ['', undefined],
          ],
        },
      ],
      [
        ['anna', '.', 'tea'],
        'answer',
        {
          said: '',
          verdict: '',
          earlier: [
            ['Anna', true],
            ['Tea', undefined],
          ],
        },
      ],
      [
        ['anna', '.', 'tea', 'and', 'jam', '.'],
        'ask',
        {
          said: '',
          verdict: '',
          earlier: [
            ['Anna', true],
            ['Tea and jam', false],
          ],
        },
      ],
      [
        ['anna', '.', 'tea', 'and', 'jam', '.', 'mill', '.'],
        'answer',
        {
          said: 'Mill',
          verdict: 'right',
          earlier: [
            ['Anna', true],
            ['Tea and jam', false],
          ],
        },
      ],
    ];
    for (const [answer, phase, expected] of story) expect(draw(shown, at(answer, phase))).toEqual(expected);
  });
});

describe('what a lane owes its answer to', () => {
  const words = ['<bos>', 'the', 'mill', 'is', '27', '.'];
  const causes = [
    { position: 4, loss: 9 },
    { position: 2, loss: 0.4 },
  ];
  const lane = { ...answered('h2o', 'the 27', true), causes };
  const draw = (one: typeof lane, answer: string[], phase: Frame['phase'] = 'answer') => {
    const shown = shownOf([one], { words });
    const { washes, owed } = pictureOf(shown, one, frameOf(['######'], { answer, phase }), looks);
    return { washes: [...washes].slice(0, 6), owed };
  };
  const nothing = { washes: [0, 0, 0, 0, 0, 0], owed: '' };

  test('is marked when the answer stands, and said in the order of the text', () => {
    expect(draw(lane, ['the', '27', '.'])).toEqual({ washes: [0, 0, 1, 0, 5, 0], owed: 'Owed to “mill” and “27”.' });
  });

  test('is not marked before, however it was asked', () => {
    for (const phase of ['read', 'compress', 'ask'] as const) expect(draw(lane, [], phase)).toEqual(nothing);
    expect(draw(lane, ['the'])).toEqual(nothing);
    expect(draw({ ...lane, outcome: undefined }, ['the', '27'])).toEqual(nothing);
  });

  test('is nothing where nobody knows it yet, and where no word alone makes the difference', () => {
    expect(draw({ ...lane, causes: undefined } as never, ['the', '27'])).toEqual(nothing);
    expect(draw({ ...lane, causes: [] }, ['the', '27'])).toEqual(nothing);
  });
});

describe('the picture of a real run', () => {
  const comparer = new Comparer(engineOf());
  const view: View = { ...defaultView, length: 128, seed: 3, keep: 0.2 };
  const lanes = [
    ['full', 'h2o', 'random', 'kivi', 'quest', 'snapkv+kivi(bits=4)', 'adakv(snapkv)', 'h2o+compact'],
    ['pyramid(h2o)', 'per-layer+compact', 'tova+merge', 'knorm+rerotate+compact(order=false)', 'h2o+kivi+quest'],
  ];
  /** Each layer is compressed in one tick; what the lane then holds is what is said of it. */
  const compressed = (film: Film) =>
    Array.from({ length: film.ticks + 1 }, (_, tick) => tick).findLast((tick) => film.phase(tick) === 'compress')!;

  test.each(lanes)('%s and others: bytes after compressing are those that the cache counted', (...names) => {
    for (const reading of ['whole', 'spliced', 'warm'] as const) {
      const shown = comparer.compare({ ...view, lanes: names, reading });
      const film = new Film(shown);
      const frames = film.at(compressed(film));
      shown.lanes.forEach((lane, i) => {
        const { bytes } = pictureOf(shown, lane, frames[i]!, view);
        for (const [name, count] of Object.entries(bytes))
          expect(count, `${lane.lane}, ${name}`).toBeCloseTo(lane.bytes[name as keyof typeof bytes], 3);
      });
    }
  });

  test('before anything is dropped every lane takes what the full cache does, and its question is not counted', () => {
    const shown = comparer.compare({ ...view, lanes: ['full', 'h2o'] });
    const film = new Film(shown);
    const bytesAt = (tick: number) =>
      film.at(tick).map((frame, i) => pictureOf(shown, shown.lanes[i]!, frame, view).bytes.live);
    const { full } = shown.lanes[0]!.bytes;
    expect(bytesAt(8)).toEqual([full, full]);
    expect(bytesAt(film.ticks)[0]).toBe(full);
    const whole = frameBytes(film.at(film.ticks)[0]!, shown.shape).live;
    expect(whole).toBeGreaterThan(full);
    // Layer by layer it becomes less.
    const falling = [8, 9, 10, 11, 12].map((tick) => bytesAt(tick)[1]!);
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    expect(new Set(falling).size).toBe(5);
  });

  test('over several turns says in the end what the run says', () => {
    const shown = comparer.compare({ ...view, lanes: ['full', 'h2o', 'streaming-llm+between-turns'], turns: 3 });
    const film = new Film(shown);
    shown.lanes.forEach((lane, i) => {
      const picture = pictureOf(shown, lane, film.at(film.ticks)[i]!, view);
      const lower = (text: string) => text.toLowerCase().replaceAll(',', ' ,');
      const { turns, right } = lane.outcome!;
      expect([...picture.earlier.map(({ answer }) => answer), picture.said].map(lower)).toEqual(
        turns.map(({ answer }) => answer.join(' ')),
      );
      expect(picture.earlier.map((turn) => turn.right)).toEqual(turns.slice(0, -1).map((turn) => turn.right));
      expect(picture.verdict).toBe(right ? 'right' : 'wrong');
    });
  });
});
