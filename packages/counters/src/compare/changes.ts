import { type Integer, minus } from "../expressions/integer.ts";
import type { Cost } from "../report/report.ts";
import type { ChangeKind, OpChange, Reason } from "./comparison.ts";

/** What tables of scopes and ops say the change of, the most telling first. */
export const COMPARED_COSTS = [
  { name: "macs", title: "MACs", unit: "count" },
  { name: "flops", title: "FLOPs", unit: "count" },
  { name: "bytesRead", title: "bytes read", unit: "bytes" },
  { name: "bytesWritten", title: "bytes written", unit: "bytes" },
  { name: "dispatches", title: "dispatches", unit: "count" },
] as const satisfies readonly { name: keyof Cost; title: string; unit: string }[];

/** What something costs more in b. What is not there costs 0; null where a figure is not known. */
export function changeOf(
  a: Integer | null | undefined,
  b: Integer | null | undefined,
): Integer | null {
  return a === null || b === null ? null : minus(b ?? 0, a ?? 0);
}

/** Ops that differ in the same way. */
export interface OpKind {
  readonly change: ChangeKind;
  /** `Conv2D`; `Conv2D → FusedConv2D` where it is another. */
  readonly kernel: string;
  /** The reasons, without what differs from op to op; empty where they were added or removed. */
  readonly why: string;
  readonly ops: readonly OpChange[];
}

/** Ops that differ, together where they differ in the same way; the most first. */
export function opKinds(ops: readonly OpChange[]): OpKind[] {
  const kinds = new Map<string, OpKind & { readonly ops: OpChange[] }>();
  for (const op of ops) {
    const kernel = kernelOf(op);
    const why = op.reasons.filter(isAnswer).map(withoutShapes).join(", ");
    const key = JSON.stringify([op.change, kernel, why]);
    const kind = kinds.get(key) ?? { change: op.change, kernel, why, ops: [] };
    kind.ops.push(op);
    kinds.set(key, kind);
  }
  return [...kinds.values()].sort((x, y) => y.ops.length - x.ops.length);
}

/** The op's kernel, or both of them. */
export function kernelOf({ a, b }: OpChange): string {
  if (a === null || b === null || a.kernel === b.kernel) return (b ?? a)?.kernel ?? "";
  return `${a.kernel} → ${b.kernel}`;
}

/** Why an op is not equal in both: `operand x f32[1,8] → f32[1,9], attribute strides [1,1] → [2,2]`. */
export function whyOf({ reasons }: OpChange): string {
  return reasons.filter(isAnswer).map(inFull).join(", ");
}

/** A kernel is in the op's name, and costs have columns of their own. */
function isAnswer({ what }: Reason): boolean {
  return what !== "kernel" && what !== "cost";
}

function inFull({ what, name, a, b }: Reason): string {
  return `${[what, name].filter(Boolean).join(" ")} ${a} → ${b}`;
}

/** The same without what differs from op to op: shapes. */
function withoutShapes(reason: Reason): string {
  const { what, name } = reason;
  return what === "operand" || what === "result" ? `${what} ${name}` : inFull(reason);
}
