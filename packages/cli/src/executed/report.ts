import { count, type Integer } from "@opcounter/counters";
import {
  addWork,
  type CountedDispatch,
  countGraph,
  type DispatchProblem,
  isProblem,
  noWork,
  WORK_KINDS,
  type Work,
  type WorkCache,
} from "@opcounter/executed";
import { type Extent, elementAt, formatScope, type Graph } from "@opcounter/ir/core";
import { type Waste, wasteOf } from "./waste.ts";

/** What shaders execute, beside what the formulas of their ops count. */
export interface ExecutedCost {
  /** What is executed whatever the buffers hold. A vector operation counts its lanes. */
  readonly work: Readonly<Work>;
  /** What is executed at most, where contents of buffers decide; null where `work` is exact. */
  readonly atMost: Readonly<Work> | null;
  /** Of `work`: by invocations that write no result. */
  readonly idle: Readonly<Work>;
  readonly invocations: number;
  readonly idleInvocations: number;
  /** Barriers that workgroups wait at. */
  readonly barriers: number;
  /** Branches whose invocations part ways, per workgroup. */
  readonly divergences: number;
  readonly dispatches: number;
  /** Dispatches of which it is not known what they execute. */
  readonly uncounted: number;
  /**
   * Multiply-adds and multiplications of the ops that have MACs: as many as MACs, where nothing is
   * padded and no tap lies on padding.
   */
  readonly products: number;
  /** By the convention `native`; of ops with dispatches alone, as `flops` and the bytes are. */
  readonly macs: Integer;
  readonly flops: Integer;
  readonly bytesRead: Integer;
  readonly bytesWritten: Integer;
}

export interface ExecutedDispatch {
  readonly program: string;
  readonly workgroups: Extent;
  /** Null where it is not known; `problem` says why. */
  readonly work: Readonly<Work> | null;
  /** How many kinds of workgroups it has, of which one each was run; 0 where `work` is null. */
  readonly classes: number;
  readonly problem: DispatchProblem | null;
}

export interface ExecutedOp extends ExecutedCost {
  readonly id: number;
  readonly kernel: string;
  readonly scope: string;
  readonly each: readonly ExecutedDispatch[];
  /** What it does beyond its op, the worst first. */
  readonly waste: readonly Waste[];
}

/** What the shaders of a graph execute. Every number is exact where `atMost` is null. */
export interface ExecutedReport {
  readonly model: string;
  readonly total: ExecutedCost;
  readonly byKernel: readonly (ExecutedCost & { readonly kernel: string; readonly ops: number })[];
  /** Each scope with all that is inside it, in order; `depth` is 1 for the outermost. */
  readonly byScope: readonly (ExecutedCost & {
    readonly scope: string;
    readonly depth: number;
    readonly ops: number;
  })[];
  /** The ops that dispatch anything, in order. */
  readonly ops: readonly ExecutedOp[];
  /** Programs that could not be counted, each once. */
  readonly problems: readonly (DispatchProblem & {
    readonly program: string;
    readonly dispatches: number;
  })[];
}

/** Counts what the shaders of a recorded graph execute. */
export function executedReport(graph: Graph, cache?: WorkCache): ExecutedReport {
  const counted = countGraph(graph, cache);
  const formulas = count(graph).ops;
  const dispatchesOf = grouped(counted, ({ op }) => op.id);
  const ops = [...dispatchesOf].map(([id, dispatches]): ExecutedOp => {
    const { kernel, scope, cost } = elementAt(formulas, id);
    const sum = new Sum();
    for (const dispatch of dispatches) sum.addDispatch(dispatch);
    const { macs, flops, bytesRead, bytesWritten } = cost;
    sum.addFormula({ macs: macs ?? 0, flops: flops ?? 0, bytesRead, bytesWritten });
    const own = sum.cost();
    return { id, kernel, scope, ...own, each: dispatches.map(eachOf), waste: wasteOf(own) };
  });
  return {
    model: graph.name,
    total: sumOf(ops),
    byKernel: [...grouped(ops, ({ kernel }) => kernel)].map(([kernel, rows]) => {
      return { kernel, ops: rows.length, ...sumOf(rows) };
    }),
    byScope: scopesOf(graph, ops),
    ops,
    problems: problemsOf(counted),
  };
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function eachOf({ dispatch: { program, workgroups }, counted }: CountedDispatch): ExecutedDispatch {
  if (isProblem(counted)) return { program, workgroups, work: null, classes: 0, problem: counted };
  return { program, workgroups, work: counted.work, classes: counted.classes, problem: null };
}

function scopesOf(graph: Graph, ops: readonly ExecutedOp[]): ExecutedReport["byScope"] {
  const inside = ops.flatMap((row) => {
    const { scope } = elementAt(graph.ops, row.id);
    return scope.map((_, i) => ({ row, depth: i + 1, name: formatScope(scope.slice(0, i + 1)) }));
  });
  return [...grouped(inside, ({ name }) => name)].map(([scope, members]) => {
    const depth = members[0]?.depth ?? 1;
    return { scope, depth, ops: members.length, ...sumOf(members.map(({ row }) => row)) };
  });
}

function problemsOf(counted: readonly CountedDispatch[]): ExecutedReport["problems"] {
  const problems = new Map<string, DispatchProblem & { program: string; dispatches: number }>();
  for (const { dispatch, counted: problem } of counted) {
    if (!isProblem(problem)) continue;
    const key = `${dispatch.program} ${problem.reason}`;
    const known = problems.get(key);
    if (known === undefined) {
      problems.set(key, { program: dispatch.program, ...problem, dispatches: 1 });
    } else known.dispatches++;
  }
  return [...problems.values()];
}

function sumOf(rows: readonly ExecutedCost[]): ExecutedCost {
  const sum = new Sum();
  for (const row of rows) sum.addCost(row);
  return sum.cost();
}

type Formula = Pick<ExecutedCost, "macs" | "flops" | "bytesRead" | "bytesWritten">;

const COUNTS = [
  ...(["invocations", "idleInvocations", "barriers", "divergences"] as const),
  ...(["dispatches", "uncounted", "products"] as const),
] as const;

class Sum {
  readonly #work = noWork();
  readonly #most = noWork();
  readonly #idle = noWork();
  readonly #counts = {
    ...{ invocations: 0, idleInvocations: 0, barriers: 0, divergences: 0 },
    ...{ dispatches: 0, uncounted: 0, products: 0 },
  };
  readonly #formula = { macs: 0n, flops: 0n, bytesRead: 0n, bytesWritten: 0n };

  addDispatch({ counted }: CountedDispatch): void {
    this.#counts.dispatches++;
    if (isProblem(counted)) {
      this.#counts.uncounted++;
      return;
    }
    addWork(this.#work, counted.work);
    addWork(this.#most, counted.atMost ?? counted.work);
    addWork(this.#idle, counted.idle);
    this.#counts.invocations += counted.invocations;
    this.#counts.idleInvocations += counted.idleInvocations;
    this.#counts.barriers += counted.barriers;
    this.#counts.divergences += counted.divergences;
  }

  /** Adds what the formula of an op counts, of which all dispatches were added. */
  addFormula(formula: Formula): void {
    this.#addFormula(formula);
    const { multiplyAdds, multiplications } = this.#work;
    if (formula.macs > 0) this.#counts.products = multiplyAdds + multiplications;
  }

  addCost(cost: ExecutedCost): void {
    addWork(this.#work, cost.work);
    addWork(this.#most, cost.atMost ?? cost.work);
    addWork(this.#idle, cost.idle);
    for (const name of COUNTS) this.#counts[name] += cost[name];
    this.#addFormula(cost);
  }

  #addFormula({ macs, flops, bytesRead, bytesWritten }: Formula): void {
    this.#formula.macs += BigInt(macs);
    this.#formula.flops += BigInt(flops);
    this.#formula.bytesRead += BigInt(bytesRead);
    this.#formula.bytesWritten += BigInt(bytesWritten);
  }

  cost(): ExecutedCost {
    const isExact = WORK_KINDS.every((kind) => this.#work[kind] === this.#most[kind]);
    const { macs, flops, bytesRead, bytesWritten } = this.#formula;
    return {
      work: this.#work,
      atMost: isExact ? null : this.#most,
      idle: this.#idle,
      ...this.#counts,
      macs: integer(macs),
      flops: integer(flops),
      bytesRead: integer(bytesRead),
      bytesWritten: integer(bytesWritten),
    };
  }
}

/** A number where it holds the integer exactly, as reports have it. */
function integer(value: bigint): Integer {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
