/** Lines of one chart differ by dash, not by hue: hues belong to levers. */
export const dashes = ['0', '7 3', '2 3', '11 3 2 3', '1 5', '4 2'] as const;

export const dash = (i: number): string => dashes[i % dashes.length]!;

/** The first line is the one that is spoken of. */
export const stroke = (i: number): number => (i ? 1.5 : 2.5);
