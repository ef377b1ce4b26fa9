import { cut } from './timeline.ts';
import { levers, type Lever } from './values.ts';
import { leverOf, type Row } from './rows.ts';

/** An entry on the line of its first lever. */
export interface Station {
  readonly row: Row;
  readonly x: number;
  readonly y: number;
  readonly label: string;
}
export interface Line {
  readonly lever: Lever;
  readonly x: number;
  readonly y: number;
  readonly end: number;
  readonly stations: readonly Station[];
}
export interface Descent {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}
export interface LeverMap {
  readonly lines: readonly Line[];
  readonly descents: readonly Descent[];
  readonly none: readonly Row[];
  readonly height: number;
}

const step = 27;
const head = 44;
/** Room on the left of a line for the arcs between its stations. */
const arcs = 40;
const narrowest = 205;

const byDate = (a: Row, b: Row) => {
  const [x, y] = [a.date ?? '9999', b.date ?? '9999'];
  return x < y ? -1 : Number(x > y);
};

/** An arc beside the line, or a long S from one line to another. */
function path(from: Station, to: Station): string {
  const round = (value: number) => Math.round(value * 10) / 10;
  if (from.x === to.x) {
    const bulge = round(from.x - Math.min(arcs - 6, 9 + Math.abs(to.y - from.y) * 0.11));
    return `M${round(from.x)} ${from.y}C${bulge} ${from.y} ${bulge} ${to.y} ${round(to.x)} ${to.y}`;
  }
  const middle = round((from.x + to.x) / 2);
  return `M${round(from.x)} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${round(to.x)} ${to.y}`;
}

function layLine(lever: Lever, rows: readonly Row[], left: number, top: number, room: number): Line {
  const x = left + arcs;
  const stations = rows
    .filter((row) => leverOf(row) === lever)
    .sort(byDate)
    .map((row, i) => ({
      row,
      x,
      y: top + head + i * step,
      label: cut(row.name, room - arcs - 14 - (row.levers.length - 1) * 8),
    }));
  return { lever, x, y: top, end: stations.at(-1)?.y ?? top + head, stations };
}

/** The levers as lines in as many columns as there is room for, each next one where there is most; entries along them from old to new. */
export function layMap(rows: readonly Row[], width: number): LeverMap {
  const pulled = levers.filter((lever) => rows.some((row) => leverOf(row) === lever));
  const columns = Math.max(1, Math.min(pulled.length, Math.floor(width / narrowest)));
  const room = width / columns;
  const lines: Line[] = [];
  const tops = Array.from({ length: columns }, () => 0);
  for (const lever of pulled) {
    const column = tops.indexOf(Math.min(...tops));
    const line = layLine(lever, rows, column * room, tops[column]!, room);
    tops[column] = line.end + step * 2;
    lines.push(line);
  }
  const stations = new Map(lines.flatMap((line) => line.stations.map((station) => [station.row.slug, station])));
  const descents = [...stations.values()].flatMap((to) =>
    to.row.buildsOn.flatMap((slug) => {
      const from = stations.get(slug);
      return from ? [{ from: slug, to: to.row.slug, path: path(from, to) }] : [];
    }),
  );
  return {
    lines,
    descents,
    none: rows.filter((row) => leverOf(row) === 'none'),
    height: Math.max(0, Math.max(...tops) - step),
  };
}
