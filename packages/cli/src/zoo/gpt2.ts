import type { SymbolicTensor } from "../tfjs-layers.ts";
import { causalMask, selfAttention } from "./attention.ts";
import { TorchModules } from "./torch-modules.ts";
import type { ZooModel } from "./zoo-model.ts";

interface Architecture {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  gpt2: { layers: 12, heads: 12, width: 768 },
  gpt2_medium: { layers: 24, heads: 16, width: 1024 },
  gpt2_large: { layers: 36, heads: 20, width: 1280 },
  gpt2_xl: { layers: 48, heads: 25, width: 1600 },
};

const VOCABULARY = 50_257;
/** The most tokens that it takes. */
const CONTEXT = 1024;
const DROPOUT = 0.1;

/** GPT-2 (Radford et al. 2019), with the head that computes the logits of each next token. */
export const gpt2: readonly ZooModel[] = Object.entries(ARCHITECTURES).map(
  ([name, architecture]) => ({
    name,
    paper: {
      title: "Language Models are Unsupervised Multitask Learners",
      year: 2019,
      url: "https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf",
    },
    inputs: [{ name: "input_ids", shape: [1, 128], dtype: "int32" }],
    note: "Named as Hugging Face's GPT2LMHeadModel, whose head has the token embedding's table for its weight: one parameter. Its Conv1D modules, which thop does not know, are linear layers here, which it counts. A sequence has up to 1024 tokens. No dropout inside attention.",
    build(tf) {
      const ids = tf.input({ name: "input_ids", shape: [null], dtype: "int32" });
      const logits = forward(new TorchModules(tf), ids, architecture);
      return tf.model({ name, inputs: ids, outputs: logits });
    },
  }),
);

function forward(
  modules: TorchModules,
  ids: SymbolicTensor,
  { layers, heads, width }: Architecture,
): SymbolicTensor {
  const transformer = modules.within("transformer");
  const tokens = transformer.embedding("wte", ids, VOCABULARY, width);
  let x = transformer.positionEmbedding("wpe", tokens, CONTEXT);
  x = transformer.dropout("drop", x, DROPOUT);
  const mask = transformer.functional("causal_mask", ids, causalMask(modules.tf));
  for (let i = 0; i < layers; i++) {
    x = block(transformer.within("h").within(i), x, mask, heads, width);
  }
  x = transformer.layerNorm("ln_f", x);
  return modules.tiedLinear("lm_head", x, tokens);
}

function block(
  modules: TorchModules,
  input: SymbolicTensor,
  mask: SymbolicTensor,
  heads: number,
  width: number,
): SymbolicTensor {
  const attn = modules.within("attn");
  let x = attn.linear("c_attn", modules.layerNorm("ln_1", input), 3 * width);
  x = attn.functional("attention", [x, mask], selfAttention(modules.tf, heads));
  x = attn.linear("c_proj", x, width);
  x = attn.dropout("resid_dropout", x, DROPOUT);
  const attended = modules.add([x, input], "add_1");
  const mlp = modules.within("mlp");
  x = mlp.linear("c_fc", modules.layerNorm("ln_2", attended), 4 * width);
  x = mlp.activation("NewGELU", "act", x);
  x = mlp.linear("c_proj", x, width);
  x = mlp.dropout("dropout", x, DROPOUT);
  return modules.add([attended, x], "add_2");
}
