import { parseNumber } from '../engine/settings.ts';

/** Runs a command; whatever is wrong with its call is one line on stderr and exit code 2. */
export async function main(name: string, run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(`${name}: ${(error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')}`);
    process.exitCode = 2;
  }
}

export const integerOf = (option: string, text: string, low: number, high: number): number => {
  const value = parseNumber(text);
  if (value === undefined || !Number.isInteger(value) || value < low || value > high)
    throw new Error(`--${option} must be a whole number from ${low} to ${high}, not "${text}".`);
  return value;
};
