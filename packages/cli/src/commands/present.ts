import { type CountOptions, count, findConvention, NATIVE, rooflineOf } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { callingLines } from "../calling-lines.ts";
import { type CountedGraph, countRecorded } from "../count-recorded.ts";
import { specOf } from "../device-spec.ts";
import { executedWith } from "../executed/with-kept.ts";
import { countByOthers } from "../other-conventions.ts";
import type { MergedPlugins } from "../plugin.ts";
import { checkSort } from "../render/figures.ts";
import { formatOf } from "../render/formats.ts";
import type { CallingLine } from "../render/rows-by-line.ts";
import { styleFor } from "../render/style.ts";
import type { Runner } from "../runner.ts";
import type { PrintingOptions } from "./print-options.ts";
import { pluginsOf } from "./shared.ts";

/** What says how a graph is counted and printed. */
interface PresentOptions extends PrintingOptions {
  readonly passes?: string;
  readonly accumulate?: "exact" | "float32";
  readonly roofline?: boolean;
  readonly sparsity?: boolean;
  readonly output?: string;
}

/** Where rows are not by line. */
const NO_LINES: ReadonlyMap<number, CallingLine> = new Map();

/** How a graph is counted. */
export interface Counter {
  readonly plugins: MergedPlugins;
  readonly rules: CountOptions;
  count(recorded: Graph): Promise<CountedGraph>;
}

/** Loads the plugins, and checks what the options ask for before anything runs. */
export async function counterOf(options: PresentOptions): Promise<Counter> {
  const plugins = await pluginsOf(options.plugin);
  const convention = findConvention(options.convention ?? NATIVE, plugins.conventions);
  checkSort(
    options.sort,
    plugins.costs.map(({ name }) => name),
  );
  const { passes } = options;
  const rules: CountOptions = {
    convention,
    counters: plugins.counters,
    costs: plugins.costs,
    ignore: options.ignore,
    strict: options.strict ?? false,
    accumulate: options.accumulate ?? "exact",
    ...(passes === undefined ? {} : { passes }),
  };
  return { plugins, rules, count: (recorded) => countRecorded(recorded, plugins, rules) };
}

/**
 * Counts what was recorded, and prints it.
 *
 * @param runner what recorded it, whose device the roofline is of where no other is named.
 */
export async function present(
  recorded: Graph,
  options: PresentOptions,
  { plugins, rules, count: countTraced }: Counter,
  runner?: Runner,
): Promise<string> {
  const { graph, report: found } = await countTraced(recorded);
  const hasRoofline = options.roofline || options.deviceSpec !== undefined;
  const isNative = found.convention === NATIVE;
  const roofline = hasRoofline
    ? rooflineOf(
        isNative ? found : count(graph, { ...rules, convention: NATIVE }),
        await specOf(runner, options.deviceSpec),
      )
    : undefined;
  const more = [
    ...(options.sparsity && found.sparsity === null ? [NO_ZEROS] : []),
    ...(hasRoofline && !isNative ? [rooflineNote(found.convention)] : []),
  ];
  // A copy makes every part of a report, which a table of scopes needs few of.
  const report = more.length === 0 ? found : { ...found, warnings: [...found.warnings, ...more] };
  const { by, depth, top, sort, columns, units, verbose = false } = options;
  const lines = by === "line" ? callingLines(graph) : NO_LINES;
  return formatOf(options.format).report(
    {
      ...{ report, graph, recorded },
      countByOthers: () =>
        countByOthers(graph, report.convention, plugins.conventions, { ...rules, recorded }),
      roofline,
      executed: options.executed ? await executedWith(recorded) : undefined,
      rows: { by, depth, top, sort, columns, units, lines, verbose },
      listsDispatches: options.dispatches ?? false,
    },
    styleFor(options.output),
  );
}

/** The warning where --sparsity is given and no zeros could be counted. */
const NO_ZEROS =
  "No zeros were counted: the target has no parameters, or none whose values are known.";

/** The warning where the table and the roofline have different FLOPs. */
function rooflineNote(convention: string): string {
  return `The roofline is by the convention ${NATIVE}, which counts the operations that run; ${convention} counts others.`;
}
