import { leverOf, type Row } from './rows.ts';
import { leverGroups, type LeverGroup } from './values.ts';

/** When an entry was published, in years: a day is a point, a month or a year a stretch. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export function stretchOf(date: string): Stretch {
  const [year = 0, month, day] = date.split('-').map(Number);
  if (month === undefined) return { from: year, to: year + 1 };
  if (day === undefined) return { from: year + (month - 1) / 12, to: year + month / 12 };
  const at = year + (month - 1) / 12 + (day - 0.5) / 372;
  return { from: at, to: at };
}

export interface Placed {
  readonly row: Row;
  readonly x: number;
  readonly y: number;
  /** The ends of a date that is known to the year only. */
  readonly span: readonly [number, number] | undefined;
  /** On which side of the point its name stands. */
  readonly side: 'start' | 'end';
  /** Its name, cut to the room there is, and where that begins or ends. */
  readonly label: string;
  readonly text: number;
}

export interface Band {
  readonly lever: LeverGroup;
  readonly y: number;
  readonly items: readonly Placed[];
}

export interface Timeline {
  readonly bands: readonly Band[];
  /** Where each year begins. */
  readonly years: readonly { readonly year: number; readonly x: number }[];
  readonly undated: readonly Row[];
  readonly height: number;
}

export const lineHeight = 22;
const head = 30;
const gap = 12;
const point = 4;
/** Between a point and its name. */
const space = 6;
/** Room for the name of a band, on its first line. */
const bandName = 96;

/** A generous guess at the width of a name: names may stand apart, never upon each other. */
export const widthOf = (name: string) =>
  [...name].reduce((sum, letter) => sum + (/[A-Z0-9]/.test(letter) ? 9.6 : 6.9), 0);

/** A name, or as much of it as there is room for. */
export function cut(name: string, room: number): string {
  if (widthOf(name) <= room) return name;
  let letters = name.length - 1;
  while (letters > 3 && widthOf(name.slice(0, letters)) + 8 > room) letters--;
  return `${name.slice(0, letters).trimEnd()}…`;
}

interface Wanted extends Omit<Placed, 'y'> {
  readonly left: number;
  readonly right: number;
}

function wish(row: Row, at: (year: number) => number, width: number): Wanted {
  const { from, to } = stretchOf(row.date ?? '');
  const x = at((from + to) / 2);
  const span = to - from > 0.5 ? ([at(from), at(to)] as const) : undefined;
  const [near, far] = span ?? [x - point, x + point];
  const room = { start: width - far - space, end: near - space };
  const side = widthOf(row.name) <= room.start || room.start > room.end ? 'start' : 'end';
  const label = cut(row.name, room[side]);
  const taken = widthOf(label) + space;
  return {
    row,
    x,
    span,
    side,
    label,
    text: side === 'start' ? far + space : near - space,
    left: side === 'end' ? near - taken : near,
    right: side === 'start' ? far + taken : far,
  };
}

/** Gives each name the first line of its band on which nothing stands in its way. */
function place(wanted: readonly Wanted[], top: number): Placed[] {
  const lines: Pick<Wanted, 'left' | 'right'>[][] = [[{ left: 0, right: bandName }]];
  return wanted.map((one) => {
    const free = lines.findIndex((line) =>
      line.every(({ left, right }) => one.right + gap < left || one.left > right + gap),
    );
    const line = free < 0 ? lines.push([]) - 1 : free;
    lines[line]!.push(one);
    const { row, x, span, side, label, text } = one;
    return { row, x, span, side, label, text, y: top + line * lineHeight };
  });
}

/** From a moment in years to a place from 0 to 1. A year is as wide as it has entries, but none is without width: 2026 has more to say than 2020. */
function yearScale(dates: readonly string[], first: number, last: number): (moment: number) => number {
  const weights = Array.from(
    { length: last - first },
    (_, i) => 1 + 0.4 * dates.filter((date) => Number(date.slice(0, 4)) === first + i).length,
  );
  const ends = weights.reduce<number[]>((sums, weight) => [...sums, sums.at(-1)! + weight], [0]);
  return (moment) => {
    const year = Math.min(Math.max(0, Math.floor(moment) - first), weights.length - 1);
    return (ends[year]! + (moment - first - year) * weights[year]!) / ends.at(-1)!;
  };
}

/** Entries along the years, in one band for each first lever. @param width of the picture in pixels */
export function layTimeline(rows: readonly Row[], width: number): Timeline {
  const dated = rows
    .filter(({ date }) => date !== undefined)
    .sort((a, b) => stretchOf(a.date!).from - stretchOf(b.date!).from);
  const first = Math.floor(stretchOf(dated[0]?.date ?? '2023').from);
  const last = Math.ceil(Math.max(first + 1, ...dated.map(({ date }) => stretchOf(date!).to)));
  const edge = 8;
  const scale = yearScale(
    dated.map(({ date }) => date!),
    first,
    last,
  );
  const at = (moment: number) => edge + scale(moment) * (width - 2 * edge);
  const bands: Band[] = [];
  let y = head + 18;
  for (const lever of leverGroups) {
    const items = place(
      dated.filter((row) => leverOf(row) === lever).map((row) => wish(row, at, width)),
      y,
    );
    if (!items.length) continue;
    bands.push({ lever, y, items });
    y = Math.max(...items.map((item) => item.y)) + lineHeight * 1.9;
  }
  const years = Array.from({ length: last - first + 1 }, (_, i) => first + i).map((year) => ({ year, x: at(year) }));
  return { bands, years, undated: rows.filter(({ date }) => date === undefined), height: y };
}
