import { type Uses, uses } from "../analyses/uses.ts";
import { type Analysis, analyse, withGroups } from "../analysis.ts";
import { elementAt } from "../element-at.ts";
import type { Graph, Group, Op, OpId, ValueId } from "../graph.ts";
import { forEachOperand, valueAt } from "../graph.ts";
import { contractionOf, isElementwise } from "../kernels/registry.ts";
import { definePass } from "../pass/pass.ts";
import { definingOp, matchPattern } from "../patterns/match.ts";
import type { FusionPattern, Pattern } from "../patterns/pattern.ts";
import { FUSION_PATTERNS } from "../patterns/registry.ts";
import { sizeOf } from "../types.ts";

/**
 * Groups ops that could run as one kernel. The ops stay as they are and in their order.
 *
 * ```
 * %0 = Conv2D(x=%x, filter=%w)   : f32[1,8,8,4]
 * %1 = Add(a=%0, b=%bias)        : f32[1,8,8,4]
 * %2 = Relu(x=%1)                : f32[1,8,8,4]
 * ```
 * gains
 * ```
 * group contraction [0, 1, 2]
 * ```
 *
 * It groups first what matches a pattern of `patterns/` (attention, normalizations, softmax,
 * activations), then each contraction with the padding before it and the elementwise ops after it,
 * then the remaining chains of elementwise ops. No op outside a group uses the values inside it, so
 * a fused kernel need not store them. Groups that the graph already has stay.
 */
export const fuse = definePass({
  name: "fuse",
  summary: "Groups ops that could run as one kernel, without changing them.",
  run(graph) {
    const fusion = new Fusion(graph);
    fusion.groupPatterns(FUSION_PATTERNS);
    fusion.groupContractions();
    fusion.groupElementwise();
    return fusion.finish();
  },
});

/** The names of the groups that `fuse` makes without a pattern. */
export const CHAINS = ["contraction", "elementwise"] as const;

/** The groups that the patterns find in a graph. Groups that it already has do not count. */
export const patternGroups: Analysis<readonly Group[]> = {
  name: "pattern-groups",
  run: (graph) => groupsOf(graph, FUSION_PATTERNS),
};

/** What these patterns alone find in a graph. Groups that it already has do not count. */
export function groupsOf(graph: Graph, patterns: readonly FusionPattern[]): readonly Group[] {
  const fusion = new Fusion(withGroups(graph, []));
  fusion.groupPatterns(patterns);
  return fusion.finish().groups;
}

class Fusion {
  readonly #graph: Graph;
  readonly #uses: Uses;
  readonly #added: Group[] = [];
  /** By op: 1 where it is in a group. */
  readonly #taken: Uint8Array;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#uses = analyse(graph, uses);
    this.#taken = new Uint8Array(graph.ops.length);
    for (const { ops } of graph.groups) for (const op of ops) this.#taken[op] = 1;
  }

  groupPatterns(patterns: readonly FusionPattern[]): void {
    const { ops } = this.#graph;
    const byKernel = new Map<string, OpId[]>();
    for (let id = 0; id < ops.length; id++) {
      const { kernel } = elementAt(ops, id);
      const known = byKernel.get(kernel);
      if (known === undefined) byKernel.set(kernel, [id]);
      else known.push(id);
    }
    for (const pattern of patterns) {
      if (!canMatch(pattern.root, byKernel)) continue;
      const roots = [...new Set(rootKernels(pattern.root))];
      const candidates = Int32Array.from(roots.flatMap((kernel) => byKernel.get(kernel) ?? []));
      // From the last op to the first, so that the outermost op of a nested form comes first.
      for (const id of candidates.sort().reverse()) {
        const op = elementAt(ops, id);
        if (this.#taken[id] === 1) continue;
        const match = matchPattern(this.#graph, op, pattern);
        if (match !== undefined && this.#isClosed(match, id)) this.#add(pattern.name, match);
      }
    }
  }

  groupContractions(): void {
    const { ops } = this.#graph;
    for (let id = 0; id < ops.length; id++) {
      const op = elementAt(ops, id);
      if (contractionOf(op.kernel) === undefined || this.#taken[id] === 1) continue;
      const inside = [...this.#paddingBefore(op), id, ...this.#epilogueOf(op)];
      if (inside.length > 1) this.#add("contraction", inside);
    }
  }

  groupElementwise(): void {
    for (let id = this.#graph.ops.length - 1; id >= 0; id--) {
      const op = elementAt(this.#graph.ops, id);
      if (this.#taken[id] === 1 || !isElementwise(op.kernel)) continue;
      const inside = this.#elementwiseInto(op);
      if (inside.length > 1)
        this.#add(
          "elementwise",
          inside.sort((a, b) => a - b),
        );
    }
  }

  /** The graph with its new groups; the same graph if there are none. */
  finish(): Graph {
    if (this.#added.length === 0) return this.#graph;
    const groups = [...this.#graph.groups, ...this.#added];
    return withGroups(
      this.#graph,
      groups.sort((a, b) => (a.ops[0] ?? 0) - (b.ops[0] ?? 0)),
    );
  }

  /** @param ops in ascending order. */
  #add(pattern: string, ops: readonly OpId[]): void {
    for (const op of ops) this.#taken[op] = 1;
    this.#added.push({ pattern, ops });
  }

  /**
   * Whether no op is in a group yet, and nothing outside uses a value from inside but the root's.
   */
  #isClosed(ops: readonly OpId[], root: OpId): boolean {
    const inside = new Set(ops);
    return ops.every((id) => {
      if (this.#taken[id] === 1) return false;
      return id === root || this.#isUsedOnlyBy(this.#graph.ops[id], inside);
    });
  }

  #isUsedOnlyBy(op: Op | undefined, users: ReadonlySet<OpId>): boolean {
    return (op?.results ?? []).every(
      (value) =>
        !this.#uses.isResult(value) && this.#uses.everyUser(value, (user) => users.has(user)),
    );
  }

  /** The op that pads a convolution's input, if nothing else uses its result. */
  #paddingBefore(contraction: Op): OpId[] {
    const pads = contractionOf(contraction.kernel)?.pads ?? null;
    const input = pads === null ? undefined : contraction.operands[pads];
    const padding = input === undefined ? undefined : definingOp(this.#graph, input);
    if (padding?.kernel !== "PadV2" || this.#taken[padding.id] === 1) return [];
    if (!isOwnPadding(padding, contraction)) return [];
    return this.#isUsedOnlyBy(padding, new Set([contraction.id])) ? [padding.id] : [];
  }

  /**
   * The ops that follow a contraction, each of them the only user of the one before: views, and
   * elementwise ops whose other operands no op computes (biases, scales, constants). Ends with the
   * last elementwise op.
   */
  #epilogueOf(contraction: Op): OpId[] {
    const epilogue: OpId[] = [];
    let kept = 0;
    for (let op = this.#onlyUserOf(contraction); op !== undefined; op = this.#onlyUserOf(op)) {
      const isView = op.placement === "view";
      if (!isView && !this.#isEpilogueOp(op)) break;
      epilogue.push(op.id);
      if (!isView) kept = epilogue.length;
    }
    return epilogue.slice(0, kept);
  }

  #onlyUserOf(op: Op): Op | undefined {
    const [value, ...more] = op.results;
    if (value === undefined || more.length > 0 || this.#uses.isResult(value)) return undefined;
    let only: OpId | undefined;
    const isOnly = this.#uses.everyUser(value, (user) => {
      only ??= user;
      return user === only;
    });
    if (only === undefined || !isOnly || this.#taken[only] === 1) return undefined;
    return this.#graph.ops[only];
  }

  #isEpilogueOp(op: Op): boolean {
    if (!isElementwise(op.kernel)) return false;
    let computed: ValueId | undefined;
    let isOne = true;
    forEachOperand(op.operands, (value) => {
      if (valueAt(this.#graph, value).kind !== "result" || this.#isViewOfGiven(value)) return;
      // An op may take the value twice, as x·x does. That is one computed operand.
      if (computed !== undefined && computed !== value) isOne = false;
      computed = value;
    });
    return computed !== undefined && isOne && this.#keepsSize(op);
  }

  /** Whether a value is a view of a parameter or constant, such as a reshaped bias. */
  #isViewOfGiven(value: ValueId): boolean {
    for (let id: ValueId | undefined = value; id !== undefined; ) {
      const op = definingOp(this.#graph, id);
      if (op === undefined) return true;
      if (op.placement !== "view") return false;
      id = Object.values(op.operands)[0];
    }
    return false;
  }

  /** Whether the op's result is as large as an operand, so that nothing is only broadcast. */
  #keepsSize(op: Op): boolean {
    const size = (value: ValueId) => sizeOf(valueAt(this.#graph, value).shape);
    const [result] = op.results;
    return (
      result !== undefined &&
      Object.values(op.operands).some((value) => size(value) === size(result))
    );
  }

  /** The elementwise ops that lead to this one. Only ops of the group use their results. */
  #elementwiseInto(root: Op): OpId[] {
    const inside = new Set<OpId>([root.id]);
    const size = this.#sizeOf(root);
    const waiting = [root];
    for (let op = waiting.pop(); op !== undefined; op = waiting.pop()) {
      forEachOperand(op.operands, (value) => {
        const producer = definingOp(this.#graph, value);
        if (producer === undefined || inside.has(producer.id)) return;
        const fits =
          isElementwise(producer.kernel) &&
          this.#taken[producer.id] !== 1 &&
          this.#sizeOf(producer) === size &&
          this.#isUsedOnlyBy(producer, inside);
        if (!fits) return;
        inside.add(producer.id);
        waiting.push(producer);
      });
    }
    return [...inside];
  }

  #sizeOf(op: Op): number {
    const [result] = op.results;
    return result === undefined ? 0 : sizeOf(valueAt(this.#graph, result).shape);
  }
}

/** Whether a convolution could do the padding itself: with zeros, and on its spatial axes only. */
function isOwnPadding({ attrs }: Op, { attrs: { dataFormat } }: Op): boolean {
  const { paddings, constantValue } = attrs;
  if (constantValue !== 0 || !Array.isArray(paddings)) return false;
  const channels = typeof dataFormat === "string" && dataFormat.startsWith("NC") ? 1 : -1;
  return [paddings[0], paddings.at(channels)].every(
    (sides) => Array.isArray(sides) && sides.every((size) => size === 0),
  );
}

/** Whether a graph has the kernels that a pattern needs: most graphs have those of few patterns. */
function canMatch(pattern: Pattern, kernels: ReadonlyMap<string, unknown>): boolean {
  switch (pattern.kind) {
    case "op":
      return (
        pattern.kernels.some((kernel) => kernels.has(kernel)) &&
        Object.values(pattern.operands).every((operand) => canMatch(operand, kernels))
      );
    case "either":
      return pattern.options.some((option) => canMatch(option, kernels));
    default:
      return true;
  }
}

/** The kernels at which a pattern can match. */
function rootKernels(root: Pattern): readonly string[] {
  switch (root.kind) {
    case "op":
      return root.kernels;
    case "either":
      return root.options.flatMap(rootKernels);
    default:
      return [];
  }
}
