import type { SymbolicTensor } from "../tfjs-layers.ts";
import { attention } from "./attention.ts";
import { firstToken } from "./tokens.ts";
import { TorchModules } from "./torch-modules.ts";
import type { ZooModel } from "./zoo-model.ts";

const VOCABULARY = 30_522;
const PLACES = 512;
const LAYERS = 12;
const HEADS = 12;
const WIDTH = 768;
const INNER_WIDTH = 4 * WIDTH;
const EPSILON = 1e-12;
const DROPOUT = 0.1;

/** BERT base, uncased, with the pooler (Devlin et al. 2018). */
export const bert: ZooModel = {
  name: "bert_base",
  paper: {
    title: "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    year: 2018,
    url: "https://arxiv.org/abs/1810.04805",
  },
  inputs: [
    { name: "input_ids", shape: [1, 128], dtype: "int32" },
    { name: "token_type_ids", shape: [1, 128], dtype: "int32" },
  ],
  note: "Named as Hugging Face's BertModel: encoder and pooler, without a head. A sequence has up to 512 tokens and no padding, so there is no attention mask. No dropout inside attention.",
  build(tf) {
    const ids = tf.input({ name: "input_ids", shape: [null], dtype: "int32" });
    const types = tf.input({ name: "token_type_ids", shape: [null], dtype: "int32" });
    const modules = new TorchModules(tf);
    let x = embeddings(modules.within("embeddings"), ids, types);
    for (let i = 0; i < LAYERS; i++) {
      x = encoderLayer(modules.within("encoder").within("layer").within(i), x);
    }
    const pooled = pooler(modules.within("pooler"), x);
    return tf.model({ name: "bert_base", inputs: [ids, types], outputs: [x, pooled] });
  },
};

function embeddings(
  modules: TorchModules,
  ids: SymbolicTensor,
  types: SymbolicTensor,
): SymbolicTensor {
  const words = modules.embedding("word_embeddings", ids, VOCABULARY, WIDTH);
  const kinds = modules.embedding("token_type_embeddings", types, 2, WIDTH);
  let x = modules.add([words, kinds]);
  x = modules.positionEmbedding("position_embeddings", x, PLACES);
  x = modules.layerNorm("LayerNorm", x, EPSILON);
  return modules.dropout("dropout", x, DROPOUT);
}

function encoderLayer(modules: TorchModules, input: SymbolicTensor): SymbolicTensor {
  const self = modules.within("attention").within("self");
  const projections = ["query", "key", "value"].map((name) => self.linear(name, input, WIDTH));
  const attended = self.functional("attention", projections, attention(modules.tf, HEADS));
  const x = residual(modules.within("attention").within("output"), attended, input);
  const intermediate = modules.within("intermediate");
  const inner = intermediate.linear("dense", x, INNER_WIDTH);
  const activated = intermediate.activation("GELUActivation", "intermediate_act_fn", inner);
  return residual(modules.within("output"), activated, x);
}

/** Normalizes after the sum, as in the original transformer. */
function residual(
  modules: TorchModules,
  branch: SymbolicTensor,
  input: SymbolicTensor,
): SymbolicTensor {
  let x = modules.linear("dense", branch, WIDTH);
  x = modules.dropout("dropout", x, DROPOUT);
  return modules.layerNorm("LayerNorm", modules.add([x, input]), EPSILON);
}

function pooler(modules: TorchModules, x: SymbolicTensor): SymbolicTensor {
  const first = modules.functional("first_token", x, firstToken(modules.tf));
  return modules.activation("Tanh", "activation", modules.linear("dense", first, WIDTH));
}
