import type {
  Dispatch,
  Graph,
  KernelName,
  KernelOp,
  OpId,
  ParamValue,
  Placement,
} from "@opcounter/ir/core";
import type { Expression } from "../expressions/expression.ts";
import type { CallToCount } from "../rules/to-count.ts";

/** Numbers of an op, a layer, a group or a scope that a cost may use, by name. */
export const BASIC_QUANTITIES = [
  "macs",
  "flops",
  "transcendentals",
  "bytesRead",
  "bytesWritten",
  "dispatches",
  "invocations",
  "activations",
] as const;
export type BasicQuantity = (typeof BASIC_QUANTITIES)[number];

/**
 * The basic quantities and the costs that are defined before this one. To read one that the
 * convention does not count, such as the MACs of `torch`, is an error, which the report's reader gets
 * as a sentence.
 */
export type Quantities = Readonly<Record<BasicQuantity, number | bigint>> &
  Readonly<Record<string, number | bigint>>;

/** What every function of a cost is given. */
interface Costed {
  readonly quantities: Quantities;
  /** For analyses: `analyse(graph, liveness)`. */
  readonly graph: Graph;
  /** Names from the outermost scope to the innermost. */
  readonly scope: readonly string[];
}

/** An op as a cost sees it. */
export interface OpToCost extends Costed {
  readonly id: OpId;
  /** Kernel, operands, attributes and results, typed by `op.kernel`. */
  readonly op: KernelOp<KernelName>;
  readonly placement: Placement;
  readonly dispatches: readonly Dispatch[];
  /** By operand name: the parameter that an operand is, or is after reshapes and transposes. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** Time on the device and in the kernel on the host; null where it was not measured. */
  readonly gpuMs: number | null;
  readonly cpuMs: number | null;
}

/** A call of a layer as a cost sees it; its quantities are those of all ops inside. */
export interface LayerToCost extends Costed, CallToCount {}

/** Ops that a pass grouped to run as one kernel; the scope is the last op's. */
export interface GroupToCost extends Costed {
  readonly pattern: string;
  readonly ops: readonly OpToCost[];
}

/** A scope with all that is inside it. */
export interface ScopeToCost extends Costed {}

/**
 * A value, as an expression over `Quantities`, or as a function. A function of a layer, a group or a
 * scope may return undefined: then what is inside it counts.
 */
export type CostOf<T> = string | ((subject: T) => number | bigint | undefined);

/**
 * A quantity of the user's own, such as energy or cycles. Values are finite numbers of at least 0.
 *
 * The value of a scope stands in place of what is inside it, so does a layer's call's, and so does a
 * group's; what lies in none of them counts op by op.
 */
export interface CostDefinition {
  /** A word, such as `energy`: its name in tables, in JSON and in the expressions of later costs. */
  readonly name: string;
  /** What it is measured in: `pJ`. */
  readonly unit: string;
  /** One sentence: what it is, and by whose numbers. */
  readonly description: string;
  /** How values make those of layers, groups, scopes and the whole: their sum, or the largest. */
  readonly total: "sum" | "max";
  /** By kernel, as a convention has it: an expression in the kernel's symbols. Comes before `op`. */
  readonly kernels?: Readonly<Partial<Record<KernelName, string>>>;
  /** By layer class, in the symbols of layers, likewise. Comes before `layer`. */
  readonly layers?: Readonly<Record<string, string>>;
  /** By pattern that `fuse` recognises, in the symbols of patterns, likewise. Comes before `group`. */
  readonly patterns?: Readonly<Record<string, string>>;
  /** Of an op; 0 where this is left out. */
  readonly op?: string | ((op: OpToCost) => number | bigint);
  readonly layer?: CostOf<LayerToCost>;
  readonly group?: CostOf<GroupToCost>;
  readonly scope?: CostOf<ScopeToCost>;
}

/** A value as an expression that was read, or as the user's function. */
type Value<F> = Expression | Exclude<F, string | undefined> | undefined;

/** What a cost is by tables of expressions. */
export interface CostTables {
  /** By kernel, in the kernel's symbols. */
  readonly kernels: ReadonlyMap<string, Expression>;
  /**
   * By the class of a layer, in the symbols of `LAYER_SYMBOLS`. The ops inside then have nothing of
   * their own.
   */
  readonly layers: ReadonlyMap<string, Expression>;
  /**
   * By the name of a pattern (`layer-norm`, `softmax`) of ops that are recognised as one, in the
   * symbols of `PATTERN_SYMBOLS`.
   */
  readonly patterns: ReadonlyMap<string, Expression>;
}

/** A quantity that is counted: MACs by a convention, or energy by a plugin. */
export interface Cost
  extends Pick<CostDefinition, "name" | "unit" | "description" | "total">,
    CostTables {
  readonly op: Value<CostDefinition["op"]>;
  readonly layer: Value<CostDefinition["layer"]>;
  readonly group: Value<CostDefinition["group"]>;
  readonly scope: Value<CostDefinition["scope"]>;
}

/** A cost that tables alone define. */
export function costByTables(
  facts: Pick<Cost, "name" | "unit" | "description" | "total">,
  { kernels, layers, patterns }: Partial<CostTables>,
): Cost {
  return {
    ...facts,
    kernels: kernels ?? new Map(),
    layers: layers ?? new Map(),
    patterns: patterns ?? new Map(),
    op: undefined,
    layer: undefined,
    group: undefined,
    scope: undefined,
  };
}
