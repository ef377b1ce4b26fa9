import { listed } from '../catalog/words.ts';
import type { Rate } from '../engine/measure/rights.ts';
import { layersText } from './layers-text.ts';
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

/** What came out, and whether so many questions tell it apart. @param rates of each rule, of the plan, and of the inverted plan */
export function verdict(rates: readonly Rate[], names: readonly string[], n: number): string {
  const rules = rates.slice(0, names.length);
  const [plan, inverted] = rates.slice(names.length) as [Rate, Rate];
  const best = rules.reduce((a, b) => (b[0] > a[0] ? b : a));
  const called = listed(names.filter((_, i) => rules[i]![0] === best[0]));
  const ahead = plan[0] > best[0] ? 'the plan is ahead' : 'the plan is behind';
  const against = apart(plan, best) ? ahead : 'the plan neither gains nor loses so much that it could be told';
  const signal = apart(plan, inverted) && plan[0] > inverted[0] ? ', and the inverted plan is far behind' : '';
  return `Of ${n} questions it is right on ${plan[0]}, the best single rule (${called}) on ${best[0]}, the inverted plan on ${inverted[0]}: ${against}${signal}.`;
}
