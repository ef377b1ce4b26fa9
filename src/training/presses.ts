/** A press of kvpress, as presses.py makes it. */
export interface Press {
  /** The class's name. */
  readonly name: string;
  readonly settings?: Readonly<Record<string, number>>;
  /** The press that scores for it. */
  readonly inside?: Press;
  /** It needs whole attention matrices, which `transformers` gives in eager mode alone. */
  readonly eager?: true;
}

/** Lanes and the presses that are to keep the same. Add a rule here that kvpress has too. */
export const presses: readonly { readonly spec: string; readonly press: Press }[] = [
  { spec: 'knorm', press: { name: 'KnormPress' } },
  { spec: 'snapkv', press: { name: 'SnapKVPress', settings: { window_size: 16 } } },
  { spec: 'streaming-llm', press: { name: 'StreamingLLMPress' } },
  { spec: 'tova', press: { name: 'TOVAPress' } },
  { spec: 'h2o', press: { name: 'ObservedAttentionPress', eager: true } },
  { spec: 'expected-attention', press: { name: 'ExpectedAttentionPress' } },
  { spec: 'keydiff', press: { name: 'KeyDiffPress' } },
  // Ranks within a chunk are whole numbers, so that most of them tie: without them scores are compared over all chunks.
  { spec: 'lagkv(lag=6,ranks=false)', press: { name: 'LagKVPress', settings: { lag_size: 6, cross_scoring: 1 } } },
  { spec: 'cur', press: { name: 'CURPress' } },
  // In a lane a window takes at most half of its layer's budget, which kvpress does not ask: these settings leave it room in every layer.
  {
    spec: 'pyramid(snapkv(window=4),beta=4)',
    press: { name: 'PyramidKVPress', settings: { window_size: 4, beta: 4 } },
  },
  { spec: 'adakv(knorm)', press: { name: 'AdaKVPress', inside: { name: 'KnormPress' } } },
  {
    spec: 'adakv(snapkv)',
    press: { name: 'AdaKVPress', inside: { name: 'SnapKVPress', settings: { window_size: 16 } } },
  },
];
