import type { CostReport } from "@opcounter/counters";
import { counted } from "@opcounter/ir";
import { inFlags } from "../flags.ts";
import { short } from "./numbers.ts";

type Uncounted = CostReport["uncounted"];

/** `TopK (1 op), Where (3 ops)` */
export function withOps(kernels: Uncounted): string {
  return kernels.map(({ kernel, ops }) => `${kernel} (${counted(ops, "op")})`).join(", ");
}

/** How many kernels and layers that a convention leaves out are named. */
const MOST_LEFT_OUT = 5;

/** `note: fvcore does not count: Softmax ×12 (1.2 M FLOPs).` */
export function leftOutLines({
  convention,
  leftOut,
}: Pick<CostReport, "convention" | "leftOut">): string[] {
  if (leftOut.length === 0) return [];
  const named = leftOut.slice(0, MOST_LEFT_OUT).map(({ name, times, flops, transcendentals }) => {
    const amounts = [
      ...(flops === 0 ? [] : [`${short(flops)} FLOPs`]),
      ...(transcendentals === 0 ? [] : [`${short(transcendentals)} transcendentals`]),
    ];
    return `${name} ×${times} (${amounts.join(", ")})`;
  });
  const more = leftOut.length - named.length;
  const rest = more > 0 ? `, and ${counted(more, "other kind", "other kinds")}` : "";
  return [`note: ${convention} does not count: ${named.join(", ")}${rest}.`];
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
