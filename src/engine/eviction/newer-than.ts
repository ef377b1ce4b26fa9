/** How many of a head's entries hold `token` or a newer one. @param tokens [count] ascending */
export function newerThan(tokens: Int32Array, token: number): number {
  let older = tokens.length;
  while (older > 0 && tokens[older - 1]! >= token) older--;
  return tokens.length - older;
}
