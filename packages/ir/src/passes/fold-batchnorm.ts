import { type Uses, uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { ParamFacts } from "../builder.ts";
import type { Graph, Op, Operands, OpId, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { contractionOf } from "../kernels/registry.ts";
import { definePass } from "../pass/pass.ts";
import { definingOp } from "../patterns/match.ts";
import { sizeOf } from "../types.ts";
import { type NewParam, rewrite } from "./rewrite.ts";

/**
 * Folds a batch norm into the convolution or matrix product before it: scale / √(variance + ε) goes
 * into the weights, which keep their shape, and the rest into a bias. The four parameters of the
 * batch norm are removed, and the op before gets a bias if it had none. Where several ops share a
 * parameter, it changes only if the same batch norm follows each of them. Reshapes that keep the
 * channels may stand between.
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

/** The batch norms of a graph that can be folded, with the ops before them. */
export function foldsOf(graph: Graph): readonly Fold[] {
  return new Folding(graph).folds();
}

/** A batch norm that can be folded, and the op that it is folded into. */
export interface Fold {
  readonly batchNorm: Op;
  readonly contraction: Op;
  /** The kernel that does what the contraction does and adds a bias. */
  readonly fused: string;
  readonly weights: ValueId;
  readonly bias: ValueId | undefined;
  /** A key of what the batch norm does: its operands except the input, and its ε. */
  readonly transform: string;
}

/** The parameters whose elements change, each with a key of how. */
function changedBy({ weights, bias, transform }: Fold): [param: ValueId, how: string][] {
  const scaled: [ValueId, string] = [weights, `scaled by ${transform}`];
  return bias === undefined ? [scaled] : [scaled, [bias, `transformed by ${transform}`]];
}

class Folding {
  readonly #graph: Graph;
  readonly #uses: Uses;
  readonly #replaced = new Map<ValueId, ValueId>();
  readonly #removed = new Set<OpId>();
  readonly #changed = new Map<OpId, { kernel: string; attrs: Op["attrs"]; operands: Operands }>();
  readonly #refilled = new Map<ValueId, Pick<ParamFacts, "zeros">>();
  readonly #added: NewParam[] = [];
  /** The new biases by `transform`: a layer that is used several times has one. */
  readonly #biases = new Map<string, ValueId>();
  readonly #released = new Set<ValueId>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#uses = analyse(graph, uses);
  }

  folds(): readonly Fold[] {
    return this.#consistent(this.#graph.ops.flatMap((op) => this.#candidateAt(op) ?? []));
  }

  run(): Graph {
    for (const fold of this.folds()) this.#fold(fold);
    if (this.#removed.size === 0) return this.#graph;
    return rewrite(this.#graph, {
      replaced: this.#replaced,
      removed: this.#removed,
      changed: this.#changed,
      refilled: this.#refilled,
      added: this.#added,
      dropped: this.#unusedParams(),
    });
  }

  #fold({ batchNorm, contraction, fused, weights, bias, transform }: Fold): void {
    const { x, ...statistics } = batchNorm.operands;
    const [result] = batchNorm.results;
    if (x === undefined || result === undefined) throw new Error("a batch norm is incomplete");
    const operands = { ...contraction.operands, bias: bias ?? this.#addBias(batchNorm, transform) };
    // tf.layers gives a depthwise convolution null as its dilations; the fused kernel needs a
    // number.
    const dilations = contraction.attrs["dilations"] ?? 1;
    const attrs = {
      ...contraction.attrs,
      ...("filter" in contraction.operands ? { dilations } : {}),
      activation: "linear",
    };
    this.#changed.set(contraction.id, { kernel: fused, attrs, operands });
    this.#replaced.set(result, x);
    this.#removed.add(batchNorm.id);
    this.#refilled.set(weights, this.#zerosOf(weights, statistics["scale"]));
    if (bias !== undefined) this.#refilled.set(bias, {});
    for (const value of Object.values(statistics)) this.#released.add(value);
  }

  /** The fold of a batch norm; undefined where an op is none or the op before cannot take it. */
  #candidateAt(batchNorm: Op): Fold | undefined {
    const { x, ...statistics } = batchNorm.operands;
    if (batchNorm.kernel !== "FusedBatchNorm" || x === undefined) return undefined;
    const y = this.#behindReshapes(x);
    const contraction = y === undefined ? undefined : definingOp(this.#graph, y);
    if (y === undefined || contraction === undefined || !this.#isUsedOnce(y)) return undefined;
    const fused = contractionOf(contraction.kernel)?.fused ?? null;
    if (fused === null) return undefined;
    if ((contraction.attrs["activation"] ?? "linear") !== "linear") return undefined;
    if (contraction.attrs["dataFormat"] === "NCHW") return undefined;
    const { filter, b, bias } = contraction.operands;
    const given = filter ?? b;
    const weights = given === undefined ? undefined : this.#behindReshapes(given);
    const isParam = (id: ValueId) => valueAt(this.#graph, id).kind === "param";
    if (weights === undefined || !isParam(weights)) return undefined;
    const channels = valueAt(this.#graph, x).shape.at(-1);
    const isPerChannel = (id: ValueId) => {
      const { shape } = valueAt(this.#graph, id);
      return shape.at(-1) === channels && sizeOf(shape) === channels;
    };
    if (bias !== undefined && !(isParam(bias) && isPerChannel(bias))) return undefined;
    const areKnown = Object.values(statistics).every(
      (id) => isPerChannel(id) && (isParam(id) || valueAt(this.#graph, id).kind === "constant"),
    );
    if (!areKnown) return undefined;
    const { mean, variance, offset, scale } = statistics;
    const { varianceEpsilon } = batchNorm.attrs;
    const transform = String([mean, variance, offset, scale, varianceEpsilon]);
    return { batchNorm, contraction, fused, weights, bias, transform };
  }

  /**
   * The value behind reshapes that keep the last axis, where the channels are, as a dense layer makes
   * of its weights and a batch norm of two dimensions of its input; undefined where something else
   * uses a reshaped value too.
   */
  #behindReshapes(value: ValueId): ValueId | undefined {
    const op = definingOp(this.#graph, value);
    const { x } = op?.operands ?? {};
    if (op?.kernel !== "Reshape" || x === undefined) return value;
    const channels = (id: ValueId) => valueAt(this.#graph, id).shape.at(-1);
    const isSame = channels(x) === channels(value);
    return isSame && this.#isUsedOnce(value) ? this.#behindReshapes(x) : undefined;
  }

  #isUsedOnce(value: ValueId): boolean {
    return this.#uses.usersOf(value).length === 1 && !this.#uses.isResult(value);
  }

  /**
   * The folds that are possible together. Where a fold changes a parameter, each use of the
   * parameter must be in a fold that changes it in the same way. Leaving out one fold can rule out
   * others.
   */
  #consistent(candidates: readonly Fold[]): readonly Fold[] {
    let folds = candidates;
    for (;;) {
      const changes = new Map<ValueId, string[]>();
      for (const [param, how] of folds.flatMap(changedBy)) {
        changes.set(param, [...(changes.get(param) ?? []), how]);
      }
      const canChange = (param: ValueId) => {
        const hows = changes.get(param) ?? [];
        const { usersOf, isResult } = this.#uses;
        return (
          new Set(hows).size === 1 && hows.length === usersOf(param).length && !isResult(param)
        );
      };
      const kept = folds.filter((fold) => changedBy(fold).every(([param]) => canChange(param)));
      if (kept.length === folds.length) return kept;
      folds = kept;
    }
  }

  /**
   * A weight of 0 stays 0. If the scale has zeros, or may have, the number of zeros is not known.
   */
  #zerosOf(weights: ValueId, scale: ValueId | undefined): Pick<ParamFacts, "zeros"> {
    const value = valueAt(this.#graph, weights);
    const factor = scale === undefined ? undefined : valueAt(this.#graph, scale);
    const keepsZeros = factor === undefined || (factor.kind === "param" && factor.zeros === 0);
    if (value.kind !== "param" || value.zeros === undefined || !keepsZeros) return {};
    return { zeros: value.zeros };
  }

  /** Adds a parameter for the bias. Returns the id that `rewrite` knows it by. */
  #addBias(batchNorm: Op, transform: string): ValueId {
    const known = this.#biases.get(transform);
    if (known !== undefined) return known;
    const { mean = -1 } = batchNorm.operands;
    const { dtype, shape } = valueAt(this.#graph, mean);
    const name = [...batchNorm.scope, "folded_bias"].join("/");
    this.#added.push({ name, dtype, shape: shape.slice(-1), trainable: false, role: "weight" });
    const id = -this.#added.length;
    this.#biases.set(transform, id);
    return id;
  }

  /** The parameters of folded batch norms that nothing else uses. */
  #unusedParams(): Set<ValueId> {
    const { usersOf, isResult } = this.#uses;
    return new Set(
      [...this.#released].filter(
        (id) => !isResult(id) && usersOf(id).every((user) => this.#removed.has(user)),
      ),
    );
  }
}
