import type { Outcome, Shown, ShownLane } from '../state/compare.ts';
import type { View } from '../state/view.ts';

/** The figures behind a comparison, one row a lane: what the menu's CSV holds. All of them were measured here. */
export const rows = ({ prompt, lanes, view: { model, keep, moment } }: Shown) =>
  lanes.flatMap(({ lane, bytes, outcome }) =>
    outcome ? [row({ lane, bytes, prompt, model, keep, moment, ...outcome })] : [],
  );

type Row = Pick<ShownLane, 'lane' | 'bytes'> &
  Pick<Shown, 'prompt'> &
  Pick<View, 'model' | 'keep' | 'moment'> &
  Outcome;

const row = ({ lane, bytes, prompt, model, keep, moment, ...outcome }: Row) => {
  const { budget, answer, right, sameAsFull, kl, agreement, attentionKept, work } = outcome;
  return {
    model,
    lane,
    keep,
    moment,
    kept_tokens_per_head: budget.kept,
    fits: budget.fits,
    answer: answer.join(' '),
    expected: prompt.expected?.join(' ') ?? '',
    right: right ?? '',
    same_as_full: sameAsFull,
    kl_nats: kl,
    argmax_agreement: agreement,
    attention_kept: attentionKept,
    bytes_live: bytes.live,
    bytes_allocated: bytes.allocated,
    bytes_full: bytes.full,
    bytes_keys: bytes.keys,
    bytes_values: bytes.values,
    bytes_metadata: bytes.metadata,
    bytes_holes: bytes.holes,
    bytes_host: bytes.host,
    macs_prefill: work.prefill,
    macs_decode: work.decode,
  };
};

/** RFC 4180. A leading =, +, -, @, tab or return in a text is kept from being run as a formula by a quote mark. */
function cell(value: unknown): string {
  const text = String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(table: readonly Readonly<Record<string, unknown>>[]): string {
  if (!table.length) return '';
  const names = Object.keys(table[0]!);
  return [names.join(','), ...table.map((row) => names.map((name) => cell(row[name])).join(','))].join('\r\n') + '\r\n';
}

/** Rows that say where they come from, each for itself: a table is cut and pasted. */
export const withSource = (
  table: readonly Readonly<Record<string, unknown>>[],
  caption: string,
  link: string,
): Record<string, unknown>[] => table.map((row) => ({ ...row, caption, link }));
