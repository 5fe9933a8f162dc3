import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { groupsOf } from "../passes/fuse.ts";
import { activationPatterns } from "../patterns/activation.ts";
import { behindViews } from "../patterns/match.ts";
import { sizeOf } from "../types.ts";
import { counted, shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { opsOf, savedBy } from "./savings.ts";
import { authorOf } from "./whose.ts";

/** The kernels of the shorter form, and how many factors it has. */
const [KERNELS, FACTORS] = [6, 2];

/** √(2/π), the factor inside the hyperbolic tangent. */
const FACTOR = Math.sqrt(2 / Math.PI);

const PATTERNS = activationPatterns.filter(({ name, form }) => name === "gelu" && form === "tanh");

/**
 * GELUs by a hyperbolic tangent. Since (1 + tanh z) / 2 = sigmoid(2z), they are x·sigmoid(2z) with
 * 2z = x·(1.5957691 + 0.0713548·x²), which is six kernels.
 */
export const writtenGelus: AdviceRule = {
  name: "written-gelu",
  finds: "A GELU by a hyperbolic tangent in more than six kernels",
  advises: "The same by a sigmoid, in six",
  inTraining: "forward",
  find: (graph) =>
    groupsOf(graph, PATTERNS).flatMap(({ ops }) => adviceOn(graph, opsOf(graph, ops)) ?? []),
};

function adviceOn(graph: Graph, ops: readonly Op[]): Found | undefined {
  const root = ops.at(-1);
  const working = ops.filter(({ placement }) => placement !== "view");
  const given = givenTo(graph, ops);
  const [x, ...others] = given.filter((value) => sizeOf(valueAt(graph, value).shape) > 1);
  const factors = given.filter((value) => sizeOf(valueAt(graph, value).shape) === 1);
  const [result] = root?.results ?? [];
  if (root === undefined || result === undefined || x === undefined || others.length > 0) {
    return undefined;
  }
  const found = {
    finding: `A GELU runs as ${counted(working.length, "kernel")}.`,
    scope: root.scope,
    ops: ops.map(({ id }) => id),
  };
  const isExact = factors.some((value) => isAbout(graph, value, FACTOR));
  if (working.length <= KERNELS) return undefined;
  if (!isExact || authorOf(graph, root) !== "function") return found;
  const kernel = (reads: readonly ValueId[]) => ({
    reads,
    writes: [result],
    dispatches: 1,
    like: root,
  });
  const scalars = factors.slice(0, FACTORS);
  const saves = savedBy(graph, {
    removed: ops,
    added: [
      // x², ·b, + a, ·x, sigmoid, ·x; each intermediate value has the size of x.
      kernel([x]),
      ...scalars.map((factor) => kernel([x, factor])),
      kernel([x, result]),
      kernel([x]),
      kernel([x, result]),
    ],
  });
  const moved = shortBytes(saves.bytesRead + saves.bytesWritten);
  return {
    ...found,
    finding: `A GELU runs as ${counted(working.length, "kernel")}; ${moved} go to memory and back for ${working.length - KERNELS} of them.`,
    remedy:
      "Compute the GELU by a sigmoid, which is the same function: x.square().mul(0.07135482).add(1.59576912).mul(x).sigmoid().mul(x).",
    saves,
  };
}

/** The values that ops take from outside, behind views, each once. */
function givenTo(graph: Graph, ops: readonly Op[]): ValueId[] {
  const made = new Set(ops.flatMap(({ results }) => results));
  const taken = ops.flatMap(({ operands }) =>
    Object.values(operands).filter((value) => !made.has(value)),
  );
  return [...new Set(taken.map((value) => behindViews(graph, value)))];
}

function isAbout(graph: Graph, id: ValueId, expected: number): boolean {
  const value = valueAt(graph, id);
  const [element] = value.kind === "constant" ? (value.data ?? []) : [];
  return typeof element === "number" && Math.abs(element - expected) < 1e-4;
}
