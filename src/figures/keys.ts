import type { Clock } from '../state/clock.svelte.ts';

/** What has steps that can be played. */
export interface Playable {
  readonly clock: Pick<Clock, 'playing' | 'play' | 'pause'>;
  readonly tick: number;
  readonly ticks: number;
  seek(tick: number): void;
}

/** Keys of a figure: space plays, arrows step, Home and End go to the ends. Controls that use a key themselves keep it. */
export function playKeys(player: Playable, event: KeyboardEvent): void {
  act(event, {
    ' ': () => {
      if (player.clock.playing) player.clock.pause();
      else player.clock.play();
    },
    ArrowLeft: () => {
      player.seek(player.tick - 1);
    },
    ArrowRight: () => {
      player.seek(player.tick + 1);
    },
    Home: () => {
      player.seek(0);
    },
    End: () => {
      player.seek(player.ticks);
    },
  });
}

/** What playKeys and headKeys tell of themselves; the latter of heads, or of budgets. */
export const playKeyNames = [
  ['Space', 'play or pause'],
  ['← →', 'one step back, one forward'],
  ['Home End', 'the beginning, the end'],
] as const;
export const headKeyNames = [
  ['← →', 'other heads'],
  ['Space', 'what a head shows'],
] as const;
export const budgetKeyNames = [
  ['← →', 'another budget'],
  ['Space', 'when the question comes'],
] as const;

/** Keys of a figure of one head, or at one budget: arrows go to those beside it, space turns what it shows. */
export function headKeys(
  event: KeyboardEvent,
  { head, turn }: { readonly head: (by: number) => void; readonly turn: () => void },
): void {
  act(event, { ' ': turn, ArrowLeft: () => head(-1), ArrowRight: () => head(1) });
}

/** The value so many places further in a list; the last at its ends. */
export const beside = (values: readonly number[], value: number, by: number): number =>
  values[Math.min(values.length - 1, Math.max(0, values.indexOf(value) + by))]!;

/** Does what a key stands for, unless the control that has the focus uses the key itself. */
export function act(event: KeyboardEvent, actions: Readonly<Record<string, () => void>>): void {
  const target = event.target as HTMLElement;
  // Brackets are written with AltGr on many keyboards.
  const chord = event.altKey || event.ctrlKey || event.metaKey;
  if ((chord && !event.getModifierState('AltGraph')) || target.closest('input, select, textarea, [contenteditable]'))
    return;
  const action = actions[event.key];
  if (!action || (event.key === ' ' && target.closest('button, a, summary'))) return;
  event.preventDefault();
  action();
}
