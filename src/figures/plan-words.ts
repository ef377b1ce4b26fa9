import { listed } from '../catalog/words.ts';
import { layersText } from './choosers.ts';
import { apart } from './rates.ts';

/** "StreamingLLM in layer 0, H2O in layers 1, 2 and 3". @param plan [layers] which of the names each layer has */
export function planWords(plan: readonly number[], names: readonly string[]): string {
  const used = [...new Set(plan)];
  const parts = used.map((rule) => {
    const layers = [...plan.keys()].filter((layer) => plan[layer] === rule);
    return `${names[rule]!} in ${layersText(layers)}`;
  });
  return listed(parts);
}

/** What came out, and whether so many questions tell it apart. @param right of each rule, of the plan, and of the inverted plan */
export function verdict(right: readonly number[], names: readonly string[], n: number): string {
  const [plan, turned] = [right[names.length]!, right[names.length + 1]!];
  const best = Math.max(...right.slice(0, names.length));
  const rules = listed(names.filter((_, i) => right[i] === best));
  const against = apart(plan, best, n)
    ? plan > best
      ? 'the plan is ahead'
      : 'the plan is behind'
    : 'the plan neither gains nor loses so much that it could be told';
  const signal = apart(plan, turned, n) && plan > turned ? ', and the inverted plan is far behind' : '';
  return `Of ${n} questions it is right on ${plan}, the best single rule (${rules}) on ${best}, the inverted plan on ${turned}: ${against}${signal}.`;
}
