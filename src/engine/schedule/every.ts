import { defineSchedule } from './types.ts';

/**
 * After the prompt, and again whenever n more tokens have come in: between two steps the cache never holds n tokens more than its budget. (A question
 * comes at once, and may be longer; it is cut back as soon as it was read.) The rule scores what is held then, new tokens among it.
 *
 * Like kvpress' DecodingPress, whose interval and target it joins with an eviction after the prompt: the target is a size, the budget's share of the
 * prompt. With `growing` it is a share of all that was read, as in CompressionRatioDecodingPress. TriAttention and R-KV shrink in this rhythm.
 */
export const every = defineSchedule({
  name: 'every',
  caption: { name: 'every', idea: 'again while it answers' },
  source: 'kvpress DecodingPress, CompressionRatioDecodingPress',
  settings: {
    n: {
      kind: 'number',
      default: 32,
      min: 1,
      max: 512,
      step: 1,
      about: 'Tokens that come in before it shrinks again.',
    },
    growing: {
      kind: 'switch',
      default: false,
      about: 'The budget is a share of all that was read, answers too; off, of the prompt.',
    },
  },
  detail: ({ n }) => `${n} tokens`,
  make: ({ n, growing }) => ({
    due: ({ moment, prompt, read, since }) =>
      moment === 'prompt' || (moment === 'token' && since >= n) ? (growing ? read : prompt) : undefined,
  }),
});
