const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const places = ['', 'K', 'M', 'G', 'T'];

/** A size in binary units: 4 GiB is 4 × 2^30 bytes. */
export function sized(bytes: number): string {
  const step = Math.min(places.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  const digits = step === 0 ? 0 : value < 100 ? 2 : 1;
  return `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${units[step]!}`;
}

/** The same without zeros after the point, for sentences. */
export const said = (bytes: number): string =>
  sized(bytes)
    .replace(/\.0+ /, ' ')
    .replace(/(\.\d*?)0+ /, '$1 ');

export const counted = (value: number): string => value.toLocaleString('en');
