import type { CostReport, ScopeRow } from "@opcounter/counters";
import { formatType } from "@opcounter/ir";
import type { Column } from "./columns.ts";
import type { Figures } from "./figures.ts";
import { formulaOf } from "./formula-line.ts";
import { groupedOps, type OpGrouping } from "./grouped-ops.ts";
import { type CallingLine, rowsByLine } from "./rows-by-line.ts";
import { type ScopeApart, scopesApart } from "./scopes-apart.ts";

/** What a table's rows are. */
export const GROUPINGS = ["scope", "owner", "kernel", "op", "line", "shader", "submit"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** A row of any grouping. */
export interface Row {
  readonly name: string;
  /** By the titles of columns; words come before a figure of the same title. */
  readonly words: Readonly<Record<string, string>>;
  readonly figures: Figures;
  /** The formula in numbers, on a line of its own. */
  readonly formula?: string;
}

/** Rows with the titles of their columns of words. */
export interface Rows {
  readonly first: Column;
  readonly words: readonly Column[];
  readonly rows: readonly Row[];
}

interface RowOptions {
  readonly by: Grouping;
  readonly depth: number;
  /** Whether rows are taken out of their order, so that none may include another. */
  readonly isSorted: boolean;
  readonly verbose: boolean;
  /** The lines of the program that called the ops; empty where rows are not by line. */
  readonly lines: ReadonlyMap<number, CallingLine>;
  /** The memory of each row, if it is asked for; see `aliveByRow`. */
  readonly alive: ReadonlyMap<string, number> | undefined;
}

const CLASS: Column = { title: "class", align: "left", rank: 3.9 };
const OUTPUT: Column = { title: "output", align: "left", rank: 2 };
const SOURCE: Column = { title: "source", align: "left", rank: 5.2, least: 16 };
const KERNELS: Column = { title: "kernels", align: "left", rank: 5.2, least: 16 };
const SCOPE: Column = { title: "scope", align: "left", rank: 8, least: 20 };

/** The rows of a report, in its order. */
export function rowsOf(report: CostReport, options: RowOptions): Rows {
  const { by, isSorted } = options;
  // Names with all their scopes need more room than names below their scope's.
  const isLong = by === "owner" || by === "line" || (by === "scope" && isSorted);
  const first: Column = { title: by, align: "left", rank: 10, ...(isLong ? { least: 24 } : {}) };
  return { first, ...ROWS_BY[by](report, options) };
}

const NONE = { ops: null, calls: null, params: null, shared: null } as const;

const ROWS_BY: Readonly<
  Record<Grouping, (report: CostReport, options: RowOptions) => Omit<Rows, "first">>
> = {
  scope: (report, { depth, isSorted, alive }) => {
    const figures = (row: ScopeApart | ScopeRow): Figures => {
      const { ops, params, scope } = row;
      return { ...row, ...NONE, ops, params, memory: alive?.get(scope) ?? null };
    };
    const words = ({ className, outputs }: ScopeApart | ScopeRow) => ({
      class: className ?? "",
      output: outputs.map(formatType).join(" "),
    });
    const rows = isSorted
      ? scopesApart(report, depth).map(
          (row): Row => ({ name: apart(row), words: words(row), figures: figures(row) }),
        )
      : report.byScope
          .filter((row) => row.depth <= depth)
          .map((row): Row => ({ name: indented(row), words: words(row), figures: figures(row) }));
    return { words: [CLASS, OUTPUT], rows };
  },
  owner: (report, { alive }) => {
    const rows = report.byOwner.map((row): Row => {
      const { calls, ops, params, sharedParams } = row;
      return {
        name: row.owner || NO_SCOPE,
        words: { class: row.className ?? "" },
        figures: {
          ...{ ...row, calls, ops, params },
          shared: sharedParams === 0 ? null : sharedParams,
          memory: alive?.get(row.owner) ?? null,
        },
      };
    });
    return { words: [CLASS], rows };
  },
  kernel: (report, { alive }) => {
    const rows = report.byKernel.map(
      (row): Row => ({
        name: row.kernel,
        words: {},
        figures: { ...row, ...NONE, ops: row.ops, memory: alive?.get(row.kernel) ?? null },
      }),
    );
    return { words: [], rows };
  },
  op: (report, { verbose, alive }) => {
    const rows = report.ops.map(
      (row): Row => ({
        name: `%${row.id} ${row.kernel}`,
        words: {
          scope: row.scope,
          output: row.outputs.map(formatType).join(" "),
          "on host": row.placement === "cpu" ? "yes" : "",
        },
        figures: { ...row.cost, ...NONE, memory: alive?.get(String(row.id)) ?? null },
        ...(verbose ? { formula: formulaOf(report, row) } : {}),
      }),
    );
    return { words: [SCOPE, OUTPUT], rows };
  },
  line: (report, { lines, alive }) => {
    const rows = rowsByLine(report, lines).map(
      ({ line, ops, cost }): Row => ({
        name: line.name,
        words: { source: line.text },
        figures: { ...cost, ...NONE, ops, memory: alive?.get(line.name) ?? null },
      }),
    );
    return { words: [SOURCE], rows };
  },
  shader: (report, { alive }) => ({ words: [KERNELS], rows: groupedRows(report, "shader", alive) }),
  submit: (report, { alive }) => ({ words: [KERNELS], rows: groupedRows(report, "submit", alive) }),
};

function groupedRows(
  report: CostReport,
  by: OpGrouping,
  alive: RowOptions["alive"],
): readonly Row[] {
  return groupedOps(report, by).map(
    ({ name, kernels, ops, cost }): Row => ({
      name,
      words: { kernels: kernels.join(", ") },
      figures: { ...cost, ...NONE, ops, memory: alive?.get(name) ?? null },
    }),
  );
}

export const NO_SCOPE = "(no scope)";

function apart({ scope, isRest }: ScopeApart): string {
  const name = scope || NO_SCOPE;
  return isRest ? `${name} (itself)` : name;
}

/** The last name of a scope, further to the right the deeper it is. */
export function indented({ scope, depth }: ScopeRow): string {
  if (scope === "") return NO_SCOPE;
  return `${"  ".repeat(depth - 1)}${scope.slice(scope.lastIndexOf("/") + 1)}`;
}
