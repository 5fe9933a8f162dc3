import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op, Operands, OpId, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { definePass } from "../pass/pass.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { type NewParam, rewrite } from "./rewrite.ts";

/**
 * Folds a batch norm into the convolution or matrix product before it: scale / √(variance + ε)
 * goes into the weights, which keep their shape, and the rest into a bias. Parameters change: the
 * four of the batch norm go, and the op before gets a bias where it had none.
 *
 * ```
 * %0 = Conv2D(x=%x, filter=%w)                                 : f32[1,8,8,4]
 * %1 = FusedBatchNorm(x=%0, mean=%m, variance=%v, offset=%b, scale=%s) : f32[1,8,8,4]
 * ```
 * becomes
 * ```
 * %0 = FusedConv2D(x=%x, filter=%w, bias=%folded) {…, activation="linear"} : f32[1,8,8,4]
 * ```
 */
export const foldBatchNorm = definePass({
  name: "fold-batchnorm",
  summary: "Folds batch norms into the weights and bias of the convolution or product before them.",
  run: (graph) => new Folding(graph).run(),
});

/** The kernel that does the same and adds a bias. */
const WITH_BIAS: Readonly<Record<string, string>> = {
  Conv2D: "FusedConv2D",
  FusedConv2D: "FusedConv2D",
  DepthwiseConv2dNative: "FusedDepthwiseConv2D",
  FusedDepthwiseConv2D: "FusedDepthwiseConv2D",
  BatchMatMul: "_FusedMatMul",
  _FusedMatMul: "_FusedMatMul",
};

class Folding {
  readonly #graph: Graph;
  readonly #replaced = new Map<ValueId, ValueId>();
  readonly #removed = new Set<OpId>();
  readonly #changed = new Map<OpId, { kernel: string; attrs: Op["attrs"]; operands: Operands }>();
  readonly #added: NewParam[] = [];
  readonly #released = new Set<ValueId>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  run(): Graph {
    for (const op of this.#graph.ops) if (op.kernel === "FusedBatchNorm") this.#fold(op);
    if (this.#removed.size === 0) return this.#graph;
    return rewrite(this.#graph, {
      replaced: this.#replaced,
      removed: this.#removed,
      changed: this.#changed,
      added: this.#added,
      dropped: this.#unusedParams(),
    });
  }

  #fold(batchNorm: Op): void {
    const { x, mean } = batchNorm.operands;
    const [result] = batchNorm.results;
    if (x === undefined || mean === undefined || result === undefined) return;
    const contraction = this.#foldableInto(batchNorm, x);
    if (contraction === undefined) return;
    const weights = contraction.operands["filter"] ?? contraction.operands["b"];
    const kernel = WITH_BIAS[contraction.kernel];
    if (weights === undefined || kernel === undefined) return;
    const bias = contraction.operands["bias"] ?? this.#addBias(batchNorm, mean);
    const operands = { ...contraction.operands, bias };
    // tf.layers leaves the dilation of a depthwise convolution open; the fused kernel wants one.
    const dilations = contraction.attrs["dilations"] ?? 1;
    const isConvolution = "filter" in contraction.operands;
    const attrs = {
      ...contraction.attrs,
      ...(isConvolution ? { dilations } : {}),
      activation: "linear",
    };
    this.#changed.set(contraction.id, { kernel, attrs, operands });
    this.#replaced.set(result, x);
    this.#removed.add(batchNorm.id);
    for (const [name, value] of Object.entries(batchNorm.operands)) {
      if (name !== "x") this.#released.add(value);
    }
  }

  /** The op whose only user is this batch norm, if it can take the batch norm in. */
  #foldableInto(batchNorm: Op, x: ValueId): Op | undefined {
    const { usersOf, isResult } = analyse(this.#graph, uses);
    const source = behindViews(this.#graph, x);
    // With a view between, the channels may no longer be the last axis.
    if (source !== x || usersOf(x).length !== 1 || isResult(x)) return undefined;
    const contraction = definingOp(this.#graph, x);
    if (contraction === undefined || WITH_BIAS[contraction.kernel] === undefined) return undefined;
    if ((contraction.attrs["activation"] ?? "linear") !== "linear") return undefined;
    if (contraction.attrs["dataFormat"] === "NCHW") return undefined;
    const given = [
      contraction.operands["filter"] ?? contraction.operands["b"],
      ...Object.entries(batchNorm.operands).flatMap(([name, id]) => (name === "x" ? [] : [id])),
    ];
    const channels = valueAt(this.#graph, x).shape.at(-1);
    const areKnown = given.every((id) => {
      const value = id === undefined ? undefined : valueAt(this.#graph, id);
      return value !== undefined && value.kind !== "result";
    });
    const perChannel = given
      .slice(1)
      .every((id) => id !== undefined && valueAt(this.#graph, id).shape.at(-1) === channels);
    return areKnown && perChannel ? contraction : undefined;
  }

  /** A new parameter for the bias; returns the id that stands for it. */
  #addBias(batchNorm: Op, mean: ValueId): ValueId {
    const name = [...batchNorm.scope, "folded_bias"].join("/");
    const { dtype, shape } = valueAt(this.#graph, mean);
    this.#added.push({ name, dtype, shape: shape.slice(-1), trainable: false, role: "weight" });
    return -this.#added.length;
  }

  /** The parameters of folded batch norms that no other op uses. */
  #unusedParams(): Set<ValueId> {
    const { usersOf } = analyse(this.#graph, uses);
    return new Set(
      [...this.#released].filter((id) => usersOf(id).every((user) => this.#removed.has(user))),
    );
  }
}
