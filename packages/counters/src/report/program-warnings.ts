import { counted, type Graph, grouped, type Op, opDialect } from "@opcounter/ir/core";
import { reasonUncounted } from "../rules/rules.ts";

/** What the reader of a recorded WebGPU program should know of its counts. */
export function programWarnings(graph: Graph): string[] {
  const dispatches = graph.ops.filter(({ kernel }) => opDialect(kernel) === "wgsl");
  if (dispatches.length === 0) return [];
  return [
    ...uncountedWarnings(dispatches),
    ...boundWarning(dispatches),
    ...texturesWarning(dispatches),
  ];
}

/** Why dispatches are not counted. */
function uncountedWarnings(dispatches: readonly Op[]): string[] {
  const reasons = new Map<string, number>();
  for (const op of dispatches) {
    const reason = reasonUncounted(op);
    if (reason === undefined) continue;
    const what = `${op.kernel} is not counted: ${reason}`;
    reasons.set(what, (reasons.get(what) ?? 0) + 1);
  }
  return [...reasons].map(
    ([what, times]) => `${what} (${counted(times, "dispatch", "dispatches")}).`,
  );
}

/** Branches and loops that contents of buffers decide. */
function boundWarning(dispatches: readonly Op[]): string[] {
  const bounded = dispatches.filter(({ attrs }) => "atMost" in attrs);
  if (bounded.length === 0) return [];
  const more = bounded.reduce((sum, op) => sum + floatsDecided(op), 0);
  const most = Number.isFinite(more) ? `at most ${grouped(more)} FLOPs more` : "without a bound";
  const names = [...new Set(bounded.map(({ kernel }) => kernel))].join(", ");
  return [
    `Contents of buffers decide what ${counted(bounded.length, "dispatch", "dispatches")} (${names}) ${bounded.length === 1 ? "executes" : "execute"} beyond what is counted: ${most}.`,
  ];
}

const FLOPS_PER = {
  multiplyAdds: 2,
  additions: 1,
  multiplications: 1,
  divisions: 1,
  comparisons: 1,
} as const;

/** The FLOPs that a dispatch executes at most beyond what it executes whatever buffers hold. */
function floatsDecided({ attrs }: Op): number {
  const { atMost } = attrs;
  if (typeof atMost !== "object" || atMost === null) return 0;
  return Object.entries(FLOPS_PER).reduce((sum, [kind, flops]) => {
    const [most, least]: unknown[] = [Reflect.get(atMost, kind), attrs[kind]];
    if (typeof most !== "number") return sum;
    return sum + flops * (most - (typeof least === "number" ? least : 0));
  }, 0);
}

function texturesWarning(dispatches: readonly Op[]): string[] {
  const some = dispatches.filter(({ attrs }) => "textures" in attrs);
  if (some.length === 0) return [];
  return [
    `${counted(some.length, "dispatch binds", "dispatches bind")} textures or samplers; the bytes of textures are not counted.`,
  ];
}
