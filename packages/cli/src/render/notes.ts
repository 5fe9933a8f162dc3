import type { CostReport } from "@opcounter/counters";
import { counted } from "@opcounter/ir";
import { inFlags } from "../flags.ts";

type Uncounted = CostReport["uncounted"];

/** `TopK (1 op), Where (3 ops)` */
export function withOps(kernels: Uncounted): string {
  return kernels.map(({ kernel, ops }) => `${kernel} (${counted(ops, "op")})`).join(", ");
}

/** The warnings of a report, with options as the command line writes them. */
export function warningLines(warnings: readonly string[]): string[] {
  return warnings.map((warning) => `note: ${inFlags(warning)}`);
}

/** The line that names uncounted kernels, so that they are not taken for free ones. */
export function uncountedLines(uncounted: Uncounted): string[] {
  if (uncounted.length === 0) return [];
  const they = uncounted.length === 1 ? "it adds" : "they add";
  return [`uncounted: ${withOps(uncounted)}; ${they} 0 to the totals.`];
}
