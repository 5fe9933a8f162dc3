import { type Attribute, type Attributes, type Op, opDialect } from "@opcounter/ir/core";
import type { DispatchProblem } from "./counted.ts";
import type { DispatchWork } from "./dispatch.ts";
import { noWork, WORK_KINDS, type Work } from "./work.ts";

/**
 * What a dispatch executes as attributes of its op, so that a saved graph has it. What is 0 is left
 * out; `atMost` has the kinds that contents of buffers decide, `idle` those of invocations without a
 * result.
 */
export function workAttributes(counted: DispatchWork | DispatchProblem): Attributes {
  if ("reason" in counted) return { uncounted: counted.reason, problem: counted.kind };
  const { work, atMost, idle, idleInvocations, barriers, divergences, classes } = counted;
  const most = atMost && differing(atMost, work);
  const withoutResult = differing(idle, noWork());
  return {
    ...differing(work, noWork()),
    ...(most === undefined ? {} : { atMost: most }),
    ...(Object.keys(withoutResult).length === 0 ? {} : { idle: withoutResult }),
    ...present({ idleInvocations, barriers, divergences, classes }),
  };
}

/** The inverse of `workAttributes`; undefined for an op that is no dispatch of a recorded program. */
export function workOfOp({
  kernel,
  attrs,
  dispatches,
}: Op): DispatchWork | DispatchProblem | undefined {
  if (opDialect(kernel) !== "wgsl") return undefined;
  const { uncounted, problem, atMost, idle } = attrs;
  if (typeof uncounted === "string") {
    const kind = problem === "refused" || problem === "unsupported" ? problem : "unrecorded";
    return { kind, reason: uncounted };
  }
  const work = withChanges(noWork(), attrs);
  const [dispatch] = dispatches;
  const { workgroups, workgroupSize } = dispatch ?? {};
  const [groups, size] = [workgroups ?? [0, 0, 0], workgroupSize ?? [1, 1, 1]];
  return {
    work,
    ...(atMost === undefined ? {} : { atMost: withChanges(work, atMost) }),
    idle: withChanges(noWork(), idle ?? {}),
    invocations: [...groups, ...size].reduce((a, b) => a * b),
    idleInvocations: numberOf(attrs["idleInvocations"]),
    barriers: numberOf(attrs["barriers"]),
    divergences: numberOf(attrs["divergences"]),
    classes: numberOf(attrs["classes"]),
  };
}

/** The kinds of work that are not those of another. */
function differing(work: Readonly<Work>, from: Readonly<Work>): Record<string, number> {
  return Object.fromEntries(
    WORK_KINDS.filter((kind) => work[kind] !== from[kind]).map((kind) => [kind, work[kind]]),
  );
}

function present(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

function withChanges(work: Readonly<Work>, changes: Attribute): Work {
  const changed = { ...work };
  if (typeof changes !== "object" || changes === null || Array.isArray(changes)) return changed;
  for (const kind of WORK_KINDS) {
    const value: unknown = Reflect.get(changes, kind);
    if (typeof value === "number") changed[kind] = value;
  }
  return changed;
}

function numberOf(value: Attribute | undefined): number {
  return typeof value === "number" ? value : 0;
}
