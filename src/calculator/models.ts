import type { Config } from './fields.ts';
import { readConfig, type Shape } from './read-config.ts';

export interface Model extends Shape {
  readonly id: string;
  readonly name: string;
  /** The address of its config.json. */
  readonly source: string;
  /** Where its fields were read: the file itself was out of reach, and these are copies of it. */
  readonly read: { readonly title: string; readonly url: string };
}

const github = (repository: string, file: string) => ({
  title: repository,
  url: `https://github.com/${repository}/blob/${file}`,
});
/** NVIDIA ships the config.json of many models, as they are, with its planner for servers. */
const nvidia = { title: 'aiconfigurator-core 0.12.0', url: 'https://pypi.org/project/aiconfigurator-core/0.12.0/' };
const next = github(
  'ai-dynamo/aiconfigurator',
  '1b7cfb10a6fa06880ad7911db5ddb949882ff76a/src/aiconfigurator/model_configs/Qwen--Qwen3-Next-80B-A3B-Thinking_config.json',
);
const lmcache = github(
  'LMCache/LMCache',
  '0ac4671b15d9291519d64c8abe1d33976d6fa25f/examples/kv_cache_calculator/modelconfig.json',
);
const google = github('google/gemma_pytorch', '014acb7ac4563a5f77c76d7ff98f31b568c16508/gemma/config.py');
const prof = github('citsjtu2020/LLM-Prof', '8434c8d19c396b2f95d92a67845a7c0a0e0dd512/sglang/Model_Config.md');
const analysis = (file: string) => github('cli99/llm-analysis', `main/llm_analysis/model_configs/${file}.json`);
/** Transformers gives its classes the fields of one model as defaults, and says of which. */
const transformers = (name: string) =>
  github('huggingface/transformers', `v5.2.0/src/transformers/models/${name}/configuration_${name}.py`);
const rasbt = github(
  'rasbt/LLMs-from-scratch',
  'df1fcf8ee4bc5dced6527c31d80f5bb11a7f11ff/ch05/17_gemma4/standalone-gemma4.ipynb',
);

const times = <T>(list: readonly T[], count: number): T[] => Array.from({ length: count }, () => list).flat();
const [full, window] = ['full_attention', 'sliding_attention'];
const fiveToOne = [window, window, window, window, window, full];

/** `positions` is 0 where the copy that was read does not say it. */
const heads = (
  model_type: string,
  positions: number,
  layers: number,
  hidden: number,
  q: number,
  kv: number,
  dim?: number,
): Config => ({
  model_type,
  max_position_embeddings: positions,
  num_hidden_layers: layers,
  hidden_size: hidden,
  num_attention_heads: q,
  num_key_value_heads: kv,
  ...(dim && { head_dim: dim }),
});
const mla = (model_type: string, positions: number, layers: number, index?: number): Config => ({
  model_type,
  max_position_embeddings: positions,
  num_hidden_layers: layers,
  kv_lora_rank: 512,
  qk_rope_head_dim: 64,
  ...(index && { index_head_dim: index }),
});
/** Fields for the one formula, which what is kept does not depend on. */
const unused = (hidden: number, q: number): Config => ({
  hidden_size: hidden,
  num_attention_heads: q,
  num_key_value_heads: q,
});
const delta = (config: Config, valueHeads: number): Config => ({
  ...config,
  full_attention_interval: 4,
  linear_num_key_heads: 16,
  linear_num_value_heads: valueHeads,
  linear_key_head_dim: 128,
  linear_value_head_dim: 128,
  linear_conv_kernel_dim: 4,
});
const mamba2 = (config: Config, pattern: string, mambaHeads: number, state: number): Config => ({
  ...config,
  hybrid_override_pattern: pattern,
  mamba_num_heads: mambaHeads,
  mamba_head_dim: 64,
  ssm_state_size: state,
  n_groups: 8,
  conv_kernel: 4,
});
const attention = (inGroup: number | null) => ({ attention: { n_heads_in_group: inGroup, no_op: inGroup === null } });

type Entry = readonly [id: string, name: string, page: string, read: Model['read'], config: Config];

/** Models, family by family. Every number is that of the config.json at `page` on Hugging Face. */
const entries: readonly Entry[] = [
  [
    'gpt-2',
    'GPT-2',
    'openai-community/gpt2',
    transformers('gpt2'),
    { model_type: 'gpt2', n_positions: 1024, n_layer: 12, n_embd: 768, n_head: 12 },
  ],
  [
    'gpt-2-xl',
    'GPT-2 XL',
    'openai-community/gpt2-xl',
    analysis('gpt2-xl'),
    { model_type: 'gpt2', n_positions: 1024, n_layer: 48, n_embd: 1600, n_head: 25 },
  ],
  [
    'llama-2-7b',
    'Llama 2 7B',
    'meta-llama/Llama-2-7b-hf',
    analysis('NousResearch_Llama-2-7b-hf'),
    heads('llama', 4096, 32, 4096, 32, 32),
  ],
  ['llama-3.1-8b', 'Llama 3.1 8B', 'meta-llama/Llama-3.1-8B', nvidia, heads('llama', 131072, 32, 4096, 32, 8)],
  ['llama-3.1-70b', 'Llama 3.1 70B', 'meta-llama/Llama-3.1-70B', nvidia, heads('llama', 131072, 80, 8192, 64, 8)],
  ['llama-3.1-405b', 'Llama 3.1 405B', 'meta-llama/Llama-3.1-405B', nvidia, heads('llama', 131072, 126, 16384, 128, 8)],
  ['llama-3.2-3b', 'Llama 3.2 3B', 'meta-llama/Llama-3.2-3B', prof, heads('llama', 131072, 28, 3072, 24, 8, 128)],
  [
    'llama-4-scout',
    'Llama 4 Scout',
    'meta-llama/Llama-4-Scout-17B-16E-Instruct',
    nvidia,
    { ...heads('llama4_text', 10485760, 48, 5120, 40, 8, 128), attention_chunk_size: 8192 },
  ],
  [
    'mistral-7b-v0.1',
    'Mistral 7B v0.1',
    'mistralai/Mistral-7B-v0.1',
    transformers('mistral'),
    { ...heads('mistral', 0, 32, 4096, 32, 8), sliding_window: 4096 },
  ],
  ['mixtral-8x7b', 'Mixtral 8x7B', 'mistralai/Mixtral-8x7B-v0.1', nvidia, heads('mixtral', 32768, 32, 4096, 32, 8)],
  ['mixtral-8x22b', 'Mixtral 8x22B', 'mistralai/Mixtral-8x22B-v0.1', nvidia, heads('mixtral', 65536, 56, 6144, 48, 8)],
  ['qwen2.5-7b', 'Qwen2.5 7B', 'Qwen/Qwen2.5-7B', prof, heads('qwen2', 131072, 28, 3584, 28, 4)],
  ['qwen2.5-32b', 'Qwen2.5 32B', 'Qwen/Qwen2.5-32B', prof, heads('qwen2', 131072, 64, 5120, 40, 8)],
  ['qwen3-0.6b', 'Qwen3 0.6B', 'Qwen/Qwen3-0.6B', nvidia, heads('qwen3', 40960, 28, 1024, 16, 8, 128)],
  ['qwen3-8b', 'Qwen3 8B', 'Qwen/Qwen3-8B', nvidia, heads('qwen3', 40960, 36, 4096, 32, 8, 128)],
  ['qwen3-32b', 'Qwen3 32B', 'Qwen/Qwen3-32B', nvidia, heads('qwen3', 40960, 64, 5120, 64, 8, 128)],
  ['qwen3-30b-a3b', 'Qwen3 30B-A3B', 'Qwen/Qwen3-30B-A3B', nvidia, heads('qwen3_moe', 40960, 48, 2048, 32, 4, 128)],
  [
    'qwen3-235b-a22b',
    'Qwen3 235B-A22B',
    'Qwen/Qwen3-235B-A22B',
    nvidia,
    heads('qwen3_moe', 40960, 94, 4096, 64, 4, 128),
  ],
  [
    'qwen3-next-80b-a3b',
    'Qwen3-Next 80B-A3B',
    'Qwen/Qwen3-Next-80B-A3B-Thinking',
    next,
    delta(heads('qwen3_next', 262144, 48, 2048, 16, 2, 256), 32),
  ],
  [
    'qwen3.5-9b',
    'Qwen3.5 9B',
    'Qwen/Qwen3.5-9B',
    transformers('qwen3_5'),
    delta(heads('qwen3_5_text', 0, 32, 4096, 16, 4, 256), 32),
  ],
  [
    'qwen3.5-27b',
    'Qwen3.5 27B',
    'Qwen/Qwen3.5-27B',
    nvidia,
    delta(heads('qwen3_5_text', 262144, 64, 5120, 24, 4, 256), 48),
  ],
  [
    'qwen3.5-35b-a3b',
    'Qwen3.5 35B-A3B',
    'Qwen/Qwen3.5-35B-A3B',
    nvidia,
    delta(heads('qwen3_5_moe_text', 262144, 40, 2048, 16, 2, 256), 32),
  ],
  [
    'qwen3.5-122b-a10b',
    'Qwen3.5 122B-A10B',
    'Qwen/Qwen3.5-122B-A10B',
    nvidia,
    delta(heads('qwen3_5_moe_text', 262144, 48, 3072, 32, 2, 256), 64),
  ],
  [
    'qwen3.5-397b-a17b',
    'Qwen3.5 397B-A17B',
    'Qwen/Qwen3.5-397B-A17B',
    nvidia,
    delta(heads('qwen3_5_moe_text', 262144, 60, 4096, 32, 2, 256), 64),
  ],
  [
    'gemma-2-9b',
    'Gemma 2 9B',
    'google/gemma-2-9b',
    google,
    { ...heads('gemma2', 8192, 42, 3584, 16, 8, 256), sliding_window: 4096 },
  ],
  [
    'gemma-3-1b',
    'Gemma 3 1B',
    'google/gemma-3-1b-pt',
    google,
    { ...heads('gemma3_text', 32768, 26, 1152, 4, 1, 256), sliding_window: 512 },
  ],
  [
    'gemma-3-27b',
    'Gemma 3 27B',
    'google/gemma-3-27b-pt',
    google,
    { ...heads('gemma3_text', 131072, 62, 5376, 32, 16, 128), sliding_window: 1024 },
  ],
  [
    'gemma-3n-e4b',
    'Gemma 3n E4B',
    'google/gemma-3n-E4B',
    transformers('gemma3n'),
    {
      ...heads('gemma3n_text', 32768, 35, 2048, 8, 2, 256),
      sliding_window: 512,
      num_kv_shared_layers: 15,
      layer_types: times([window, window, window, window, full], 7),
    },
  ],
  [
    'gemma-4-e4b',
    'Gemma 4 E4B',
    'google/gemma-4-E4B',
    rasbt,
    {
      ...heads('gemma4_text', 131072, 42, 2560, 8, 2, 256),
      global_head_dim: 512,
      sliding_window: 512,
      num_kv_shared_layers: 18,
      layer_types: times(fiveToOne, 7),
    },
  ],
  [
    'gemma-4-26b-a4b',
    'Gemma 4 26B-A4B',
    'google/gemma-4-26B-A4B',
    nvidia,
    {
      ...heads('gemma4_text', 262144, 30, 2816, 16, 8, 256),
      global_head_dim: 512,
      num_global_key_value_heads: 2,
      attention_k_eq_v: true,
      sliding_window: 1024,
      layer_types: times(fiveToOne, 5),
    },
  ],
  [
    'gpt-oss-20b',
    'gpt-oss 20B',
    'openai/gpt-oss-20b',
    nvidia,
    { ...heads('gpt_oss', 131072, 24, 2880, 64, 8, 64), sliding_window: 128, layer_types: times([window, full], 12) },
  ],
  [
    'gpt-oss-120b',
    'gpt-oss 120B',
    'openai/gpt-oss-120b',
    nvidia,
    { ...heads('gpt_oss', 131072, 36, 2880, 64, 8, 64), sliding_window: 128, layer_types: times([window, full], 18) },
  ],
  [
    'mimo-v2-flash',
    'MiMo-V2-Flash',
    'XiaomiMiMo/MiMo-V2-Flash',
    nvidia,
    {
      ...heads('mimo_v2_flash', 262144, 48, 4096, 64, 4, 192),
      v_head_dim: 128,
      swa_num_key_value_heads: 8,
      swa_head_dim: 192,
      swa_v_head_dim: 128,
      sliding_window: 128,
      hybrid_layer_pattern: [0, 1, 1, 1, 1, 0, ...times([1, 1, 1, 1, 1, 0], 7)],
    },
  ],
  ['glm-4.5', 'GLM-4.5', 'zai-org/GLM-4.5', lmcache, heads('glm4_moe', 0, 92, 5120, 96, 8, 128)],
  ['glm-5', 'GLM-5', 'zai-org/GLM-5', nvidia, { ...mla('glm_moe_dsa', 202752, 78, 128), ...unused(6144, 64) }],
  [
    'deepseek-v3',
    'DeepSeek-V3',
    'deepseek-ai/DeepSeek-V3',
    nvidia,
    { ...mla('deepseek_v3', 163840, 61), ...unused(7168, 128) },
  ],
  [
    'deepseek-v3.2',
    'DeepSeek-V3.2',
    'deepseek-ai/DeepSeek-V3.2',
    nvidia,
    { ...mla('deepseek_v32', 163840, 61, 128), ...unused(7168, 128) },
  ],
  ['kimi-k2', 'Kimi K2', 'moonshotai/Kimi-K2-Instruct', nvidia, { ...mla('kimi_k2', 131072, 61), ...unused(7168, 64) }],
  ['minimax-m2.5', 'MiniMax-M2.5', 'MiniMaxAI/MiniMax-M2.5', nvidia, heads('minimax_m2', 196608, 62, 3072, 48, 8, 128)],
  [
    'hunyuan-4b',
    'Hunyuan 4B',
    'tencent/Hunyuan-4B-Instruct',
    lmcache,
    heads('hunyuan_v1_dense', 0, 36, 3072, 32, 8, 128),
  ],
  [
    'hunyuan-large',
    'Hunyuan-Large',
    'tencent/Tencent-Hunyuan-Large',
    lmcache,
    { ...heads('hunyuan', 0, 64, 6400, 80, 8), use_cla: true, cla_share_factor: 2 },
  ],
  [
    'jamba-v0.1',
    'Jamba v0.1',
    'ai21labs/Jamba-v0.1',
    transformers('jamba'),
    {
      ...heads('jamba', 262144, 32, 4096, 32, 8),
      attn_layer_period: 8,
      attn_layer_offset: 4,
      mamba_expand: 2,
      mamba_d_state: 16,
      mamba_d_conv: 4,
    },
  ],
  [
    'nemotron-3-nano',
    'Nemotron 3 Nano 30B-A3B',
    'nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16',
    nvidia,
    mamba2(
      heads('nemotron_h', 262144, 52, 2688, 32, 2, 128),
      'MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME',
      64,
      128,
    ),
  ],
  [
    'nemotron-3-super',
    'Nemotron 3 Super 120B-A12B',
    'nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8',
    nvidia,
    mamba2(
      heads('nemotron_h', 262144, 88, 4096, 32, 2, 128),
      'MEMEMEM*EMEMEMEM*EMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEM*EMEMEMEME',
      128,
      128,
    ),
  ],
  [
    'nemotron-super-49b',
    'Llama-3.3 Nemotron Super 49B',
    'nvidia/Llama-3_3-Nemotron-Super-49B-v1',
    nvidia,
    {
      model_type: 'nemotron-nas',
      max_position_embeddings: 131072,
      num_hidden_layers: 80,
      hidden_size: 8192,
      num_attention_heads: 64,
      block_configs: [...'11111100111011111111111111111111111111111100000000001000000000000000000111111111'].map(
        (kept) => attention(kept === '1' ? 8 : null),
      ),
    },
  ],
];

export const models: readonly Model[] = entries.map(([id, name, page, read, config]) => ({
  ...readConfig(config),
  id,
  name,
  source: `https://huggingface.co/${page}/blob/main/config.json`,
  read,
}));
