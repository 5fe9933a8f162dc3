import type { Reason } from "./xla-programs.ts";

/** A reason with what its symbols are in this model or layer. */
export interface PeerReason extends Reason {
  readonly symbols: Readonly<Record<string, number>>;
}

/** What differs, by tool and then by model or layer. */
export type PeerReasons = Readonly<Record<string, Readonly<Record<string, PeerReason>>>>;

/** ViT-B/16: 12 layers of 197 tokens, 768 wide. */
const VIT = { layers: 12, L: 197, d: 768 };
const FUSED_ATTENTION =
  "in eval mode PyTorch runs an attention module as one fused operator, which the tool does not count; no TensorFlow.js model has it";

/** GPT-2: 12 layers of 128 tokens, 768 wide. */
const GPT2 = { layers: 12, L: 128, d: 768 };
const CONV1D = "transformers' Conv1D is a linear layer here;";

export const MODEL_REASONS: PeerReasons = {
  torch: {
    vit_b_16: {
      why: FUSED_ATTENTION,
      difference: "2 * layers * (4 * L * d * d + 2 * L * L * d)",
      symbols: VIT,
    },
  },
  fvcore: {
    vit_b_16: {
      why: FUSED_ATTENTION,
      difference: "layers * (4 * L * d * d + 2 * L * L * d)",
      symbols: VIT,
    },
  },
  ptflops: {
    vit_b_16: {
      why: FUSED_ATTENTION,
      difference: "layers * (4 * L * d * d + 2 * L * L * d + 4 * L * d)",
      symbols: VIT,
    },
  },
  "thop@head": {
    gpt2_lm: {
      why: `${CONV1D} thop has no hook for it`,
      difference: "layers * L * 12 * d * d",
      symbols: GPT2,
    },
  },
  "thop@2.1": {
    gpt2_lm: {
      why: `${CONV1D} thop has no hook for it`,
      difference: "layers * L * 12 * d * d",
      symbols: GPT2,
    },
  },
  calflops: {
    gpt2_lm: {
      why: `${CONV1D} calflops counts the vector that addmm adds, and not the bias of a linear layer`,
      difference: "0 - layers * 9 * d",
      symbols: GPT2,
    },
  },
  torchinfo: {
    gpt2_lm: {
      why: `${CONV1D} torchinfo takes it for a convolution, by its name, and its features for positions`,
      difference: "layers * (L * (12 * d * d + 9 * d) - (30 * d * d * d + 27 * d * d))",
      symbols: GPT2,
    },
  },
};

export const LAYER_REASONS: PeerReasons = {
  torch: {
    "lstm 16->32, 2 layers, 5 steps": {
      why: "PyTorch runs an LSTM on a CPU as one operator, which FlopCounterMode does not know; a GRU it runs as products",
      difference: "2 * steps * (4 * H * (I + H) + 4 * H * (H + H))",
      symbols: { steps: 5, I: 16, H: 32 },
    },
  },
  calflops: {
    "convtranspose2d 4->2 k3 s2 bias": {
      why: "calflops adds the bias to as many positions as a convolution would have",
      difference: "M - Co * positions",
      symbols: { M: 242, Co: 2, positions: 4 },
    },
    "layernorm 32": {
      why: "after a run without MACs calflops leaves its patches in place, so this one, the second since, counted twice",
      difference: "0 - 5 * N",
      symbols: { N: 640 },
    },
  },
};
