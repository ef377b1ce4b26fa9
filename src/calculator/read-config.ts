import { architectures } from './architectures.ts';
import { Fields, type Config } from './fields.ts';
import { oneFormula } from './one-formula.ts';
import { Refusal, type Architecture, type Part } from './types.ts';

/** A model as its config.json describes what it keeps. */
export interface Shape {
  readonly architecture: Architecture;
  readonly parts: readonly Part[];
  /** Numbers of a token by the formula that many calculators use for every model, where the fields for it are there. */
  readonly oneFormula: number | undefined;
  /** The longest text that the model was made for, in tokens, if the config says so. */
  readonly positions: number | undefined;
  /** The fields that were read: enough to read the model again. */
  readonly excerpt: Config;
}

/** Words in the name of a field that make it likely to change what is kept. */
const telling =
  /(^|_)(kv|cache|heads?|window|swa|attn|attention|layers?|rank|latent|lora|ssm|mamba|linear|conv|state|hybrid|shared?|cla|compress|index|indexer|sparse|global|local|block|chunk|mqa|query|recurrent|lru|memory)(_|s?$)/;

/**
 * Fields with such a word that change nothing that is kept: what queries, feed-forward layers, experts, positions or the training do. Layers for drafting
 * are not counted.
 */
const harmless = new Set(
  `attention_bias attention_dropout attn_pdrop dense_attention_dropout attn_logit_softcapping query_pre_attn_scalar attn_scale
  attention_value_scale attention_output_gate attn_output_gate attn_temperature_tuning attn_implementation use_qk_norm q_lora_rank
  add_swa_attention_sink_bias add_full_attention_sink_bias swa_rope_theta global_rope_theta local_rope_theta rope_local_base_freq
  scale_attn_weights scale_attn_by_inverse_layer_idx reorder_and_upcast_attn use_bidirectional_attention output_attentions
  add_cross_attention cross_attention_hidden_size output_hidden_states use_cache chunk_size_feed_forward layer_norm_eps
  layer_norm_epsilon mlp_only_layers mlp_layer_types moe_layer_freq moe_latent_size interleave_moe_layer_step first_k_dense_replace
  decoder_sparse_step shared_intermediate_size num_dense_layers enable_moe_block hidden_size_per_layer_input
  vocab_size_per_layer_input laurel_rank time_step_rank num_nextn_predict_layers mtp_num_hidden_layers mtp_transformer_layers
  mtp_layers_block_type mtp_hybrid_override_pattern rescale_prenorm_residual`.split(/\s+/),
);

const suspicious = (name: string) => telling.test(name) && !harmless.has(name) && !name.includes('expert');

/** @throws Refusal with a sentence that says why */
export function readConfig(json: unknown): Shape {
  const config = textPart(json);
  const fields = new Fields(config);
  const type = fields.text('model_type');
  const architecture = architectures.find(({ modelTypes }) => modelTypes.includes(type));
  if (!architecture)
    throw new Refusal(`model_type "${type.slice(0, 40)}" is not known here, and is not guessed from its fields.`);
  const parts = architecture.parts(fields);
  const strange = fields.unread().filter(suspicious);
  if (strange.length)
    throw new Refusal(
      `${strange.slice(0, 4).join(', ')} may change what is kept, and ${strange.length > 1 ? 'are' : 'is'} not known here for ${type}.`,
    );
  const positions = ['max_position_embeddings', 'n_positions'].find((name) => fields.has(name));
  return {
    architecture,
    parts: parts.filter(({ layers }) => layers > 0),
    oneFormula: oneFormula(config),
    positions: positions === undefined ? undefined : fields.count(positions),
    excerpt: fields.excerpt(),
  };
}

/** Models of text and pictures describe the part that reads text in a field of its own. */
function textPart(json: unknown): Config {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Refusal('A config.json is an object in braces.');
  const config = json as Config;
  const inner = config['text_config'];
  if (typeof inner !== 'object' || inner === null) return config;
  return { model_type: config['model_type'], ...inner };
}

/** @param text as it stands in the file @throws Refusal */
export function parseConfig(text: string): Shape {
  let json: unknown;
  try {
    // Python writes Infinity, which JSON does not have.
    json = JSON.parse(text.replace(/(?<=[[:,\s])-?Infinity\b|(?<=[[:,\s])NaN\b/g, 'null'));
  } catch {
    throw new Refusal('This is not JSON.');
  }
  return readConfig(json);
}
