import type { CostReport, RefusalRow } from "@opcounter/counters";
import { counted, grouped, shortBytes } from "@opcounter/ir";
import { inFlags } from "../flags.ts";
import { bytesInFull, short } from "./numbers.ts";

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

/** How many of a kind are named in a note. */
const MOST_NAMED = 4;

/** `note: unused: layer spare is never called; …` */
export function unusedLines({ recorded }: CostReport): string[] {
  if (recorded === null || recorded.unused === null) return [];
  const { layers, params, ops } = recorded.unused;
  const elements = params.reduce((sum, row) => sum + row.elements, 0);
  const idle = ops.reduce((sum, row) => sum + row.ops, 0);
  const parts = [
    ...(layers.length === 0
      ? []
      : [
          `${counted(layers.length, "layer")} not called (${named(layers.map(({ name }) => name))})`,
        ]),
    ...(params.length === 0
      ? []
      : [
          `${counted(params.length, "parameter")} of ${counted(elements, "element")} not read (${named(params.map(({ name }) => name))})`,
        ]),
    ...(idle === 0
      ? []
      : [
          `${counted(idle, "op")} whose results are neither used nor returned (${named(ops.map(placed))})`,
        ]),
  ];
  return parts.length === 0 ? [] : [`note: unused: ${parts.join("; ")}.`];
}

/** `note: left undisposed: 3 tensors, 1.2 MiB (…)` */
export function leftLines({ recorded }: CostReport): string[] {
  const rows = recorded?.left ?? [];
  if (rows.length === 0) return [];
  const tensors = rows.reduce((sum, row) => sum + row.tensors, 0);
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const makers = rows.map((row) =>
    row.kernel === ""
      ? "made from values"
      : `${placed(row)}${row.tensors > 1 ? ` ×${row.tensors}` : ""}`,
  );
  return [
    `note: left undisposed: ${counted(tensors, "tensor")}, ${shortBytes(bytes)} (${named(makers)}). The trace disposed of them; a program keeps them after each call, unless it calls the function in tf.tidy().`,
  ];
}

/** `Relu in block/act` */
function placed({ kernel, scope }: { readonly kernel: string; readonly scope: string }): string {
  return scope === "" ? kernel : `${kernel} in ${scope}`;
}

/** The first names of a list, and how many others there are. */
function named(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  const first = names.slice(0, MOST_NAMED).join(", ");
  return more > 0 ? `${first}, and ${counted(more, "other")}` : first;
}

/** The line that names what a device with the recorded limits would refuse. */
export function refusalLine({ op, kernel, scope, limit, value, allowed }: RefusalRow): string {
  const where = op === null ? "what is in no op" : `%${op} ${kernel}${scope && ` in ${scope}`}`;
  const amount = IN_BYTES.test(limit) ? bytesInFull : grouped;
  return `refused: ${where} needs ${amount(value)}, and ${limit} is ${amount(allowed)}; a device with these limits does not run it.`;
}

/** The limits that are numbers of bytes: maxBufferSize, maxComputeWorkgroupStorageSize, … */
const IN_BYTES = /(?:Buffer|Binding|Storage)Size$/;
