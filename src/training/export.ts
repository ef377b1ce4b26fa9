/**
 * Puts trained weights where the site reads them, with the files that let `transformers` load the folder unchanged:
 * `node src/training/export.ts --from runs/harbour --from runs/even --to public/models/harbour`: runs that went on from one another, the last one is shipped.
 * The sizes of config.json are read from the weights; a head has 32 numbers in all of them.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSafetensors } from '../engine/model/safetensors.ts';
import { specials, freeWords, vocabulary } from '../engine/world/vocabulary.ts';

const { values } = parseArgs({
  options: {
    from: { type: 'string', multiple: true, default: ['runs/harbour'] },
    to: { type: 'string', default: 'public/models/harbour' },
  },
});

const id = (word: string) => vocabulary.indexOf(word);

const weights = join(values.from.at(-1)!, 'model.safetensors');
const { tensors } = readSafetensors(readFileSync(weights));
const rowsOf = (name: string) => tensors.get(`model.layers.0.${name}.weight`)!.shape[0]!;
const headDim = 32;

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  torch_dtype: 'float16',
  vocab_size: vocabulary.length,
  hidden_size: tensors.get('model.norm.weight')!.shape[0]!,
  intermediate_size: rowsOf('mlp.gate_proj'),
  num_hidden_layers: [...tensors.keys()].filter((name) => name.endsWith('.input_layernorm.weight')).length,
  num_attention_heads: rowsOf('self_attn.q_proj') / headDim,
  num_key_value_heads: rowsOf('self_attn.k_proj') / headDim,
  head_dim: headDim,
  hidden_act: 'silu',
  max_position_embeddings: 1184,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  rope_scaling: null,
  attention_bias: false,
  mlp_bias: false,
  attention_dropout: 0,
  tie_word_embeddings: true,
  use_cache: true,
  pad_token_id: id('<pad>'),
  bos_token_id: id('<bos>'),
  eos_token_id: id('.'),
};

/** Lower case, words and punctuation; the model's own stand-ins for unknown words are kept whole. */
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [...specials, ...freeWords].map((content) => ({
    id: id(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<bos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [
      { SpecialToken: { id: '<bos>', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { Sequence: { id: 'B', type_id: 0 } },
    ],
    special_tokens: { '<bos>': { id: '<bos>', ids: [id('<bos>')], tokens: ['<bos>'] } },
  },
  decoder: null,
  model: { type: 'WordLevel', vocab: Object.fromEntries(vocabulary.map((word, i) => [word, i])), unk_token: '<unk>' },
};

const tokenizerConfig = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  bos_token: '<bos>',
  unk_token: '<unk>',
  pad_token: '<pad>',
  eos_token: '.',
  model_max_length: 1184,
  clean_up_tokenization_spaces: false,
};

mkdirSync(values.to, { recursive: true });
const write = (name: string, json: unknown) => writeFileSync(join(values.to, name), `${JSON.stringify(json)}\n`);
write('config.json', config);
write('tokenizer.json', tokenizer);
write('tokenizer_config.json', tokenizerConfig);
const logs = values.from.map((run) => join(run, 'log.jsonl')).filter(existsSync);
if (logs.length === values.from.length) {
  const ends = logs.map(
    (log) =>
      JSON.parse(readFileSync(log, 'utf8').trim().split('\n').at(-1)!) as {
        readonly step: number;
        readonly minutes: number;
      },
  );
  write('training.json', {
    steps: ends.reduce((sum, { step }) => sum + step, 0),
    minutes: Math.round(ends.reduce((sum, { minutes }) => sum + minutes, 0)),
  });
}
copyFileSync(weights, join(values.to, 'model.safetensors'));
