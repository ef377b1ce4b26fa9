import { writeFileSync } from 'node:fs';
import { amounts, type Amount } from '../engine/world/text.ts';
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

/** Prints what a command found, and writes the same to a file where one is named. */
export function tell(report: unknown, out?: string): void {
  const json = JSON.stringify(report, undefined, 1);
  if (out) writeFileSync(out, `${json}\n`);
  console.log(json);
}

export const integerOf = (option: string, text: string, low: number, high: number): number => {
  const value = parseNumber(text);
  if (value === undefined || !Number.isInteger(value) || value < low || value > high)
    throw new Error(`--${option} must be a whole number from ${low} to ${high}, not "${text}".`);
  return value;
};

/** @throws Error that says what the option takes */
export function oneOf<T extends string>(option: string, allowed: readonly T[], text: string): T {
  const found = allowed.find((value) => value === text);
  if (!found) throw new Error(`--${option} is ${allowed.join(' or ')}, not "${text}".`);
  return found;
}

/** How dense the facts of a text are, by the word for it. */
export const densityOf = (facts: string) => amounts[oneOf('facts', Object.keys(amounts) as Amount[], facts)];
