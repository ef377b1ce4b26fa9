import type { CacheTypes, Trip } from '../state/studies/cache-types.ts';
import { questionText } from './sentence.ts';

const share = (x: number) => `${(100 * x).toFixed(x < 0.1 ? 1 : 0)}\u00a0%`;
const line = ({ type, codes, scales, keys, output }: Trip) =>
  `${type} takes ${share(codes + scales)} of the bytes, and what attention puts out is off by ${share(output)}, its keys by ${share(keys)}`;

/** The type with most bits and the one with fewest, and which answers changed. */
export function typesSentence({ tokens, question, trips }: CacheTypes): string {
  const [f16, ...written] = trips;
  const smallest = written.reduce((a, b) => (b.codes + b.scales < a.codes + a.scales ? b : a), written[0]!);
  const changed = written.filter(({ answer }) => answer !== f16!.answer).map(({ type }) => type);
  const answers = changed.length
    ? `The answer changes in ${changed.join(', ')}`
    : `Asked “${questionText({ question: question.split(' '), capitals: [] })}”, all answer as f16 does`;
  return `Every key and value of ${tokens} tokens, written in blocks and read back: ${line(written[0]!)}; ${line(smallest)}. ${answers}. Measured here.`;
}
