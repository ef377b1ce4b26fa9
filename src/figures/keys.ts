import type { Comparison } from '../state/comparison.svelte.ts';

/** Keys of a figure: space plays, arrows step, Home and End go to the ends. Controls that use a key themselves keep it. */
export function playKeys(comparison: Comparison, event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.altKey || event.ctrlKey || event.metaKey || target.closest('input, select, textarea, [contenteditable]'))
    return;
  const actions: Readonly<Record<string, () => void>> = {
    ' ': () => {
      if (comparison.clock.playing) comparison.clock.pause();
      else comparison.clock.play();
    },
    ArrowLeft: () => {
      comparison.seek(comparison.tick - 1);
    },
    ArrowRight: () => {
      comparison.seek(comparison.tick + 1);
    },
    Home: () => {
      comparison.seek(0);
    },
    End: () => {
      comparison.seek(comparison.ticks);
    },
  };
  const action = actions[event.key];
  if (!action || (event.key === ' ' && target.closest('button, a, summary'))) return;
  event.preventDefault();
  action();
}
