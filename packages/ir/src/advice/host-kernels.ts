import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { recordingOf } from "../recording.ts";
import { bytesOf, formatType, sizeOf } from "../types.ts";
import { counted, shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { forwardedDispatches, forwardedUpload, transposesMore } from "./forwarded.ts";
import { hostPartOf } from "./host-parts.ts";
import { isMadeAnew, isUsedBy, isUsedOnDevice, savedBy, sum } from "./savings.ts";

/** From this size of a result on, computing on the host and uploading it takes time. */
const LARGE = 1000;

/**
 * Kernels that tfjs computes on the host in mid-pass because their operands are small and have
 * never been on the device (`WEBGPU_CPU_FORWARD`). It goes by the size of the operands: a weight of
 * 768 elements that `Tile` repeats 197 times is computed on the host and uploaded, in every pass.
 */
export const hostKernels: AdviceRule = {
  name: "host-kernel",
  finds:
    "Kernels with large results that tfjs computes on the host, since their operands are small and there",
  advises: "The flag `WEBGPU_CPU_FORWARD` off",
  inTraining: true,
  find,
};

function find(graph: Graph): Found[] {
  const moved = graph.ops.filter((op) => forwardedDispatches(graph, op) !== undefined);
  const large = moved.filter((op) => largestResult(graph, op) >= LARGE);
  if (large.length === 0) return [];
  const ordered = [...large].sort((a, b) => largestResult(graph, b) - largestResult(graph, a));
  const found = {
    finding: findingOn(graph, ordered, moved.length),
    scope: ordered[0]?.scope ?? [],
    ops: moved.map(({ id }) => id),
  };
  if (isNeededOnHost(graph, moved)) {
    return [{ ...found, finding: `${found.finding} Something on the host needs them there.` }];
  }
  const refused = uncompiledOnDevice(graph, moved);
  if (refused !== undefined) {
    const why = `With WEBGPU_CPU_FORWARD off, ${refused.kernel} would not compile on the GPU for its dtype.`;
    return [{ ...found, finding: `${found.finding} ${why}` }];
  }
  const typicalOf = typicalOps(graph);
  const saves = savedBy(graph, {
    removed: moved,
    added: moved.map((op) => ({
      reads: Object.values(op.operands),
      writes: op.results,
      dispatches: forwardedDispatches(graph, op) ?? 0,
      like: typicalOf(op),
    })),
  });
  const inParts = sum(graph.ops, (op) => hostPartOf(graph, op)?.dispatches ?? 0);
  return [
    {
      ...found,
      remedy: isOfWeights(graph, moved)
        ? `${FLAG_OFF} One pass with the flag off is enough: the weights then stay there.`
        : FLAG_OFF,
      // The GPU reads and writes what the host did.
      saves: {
        ...saves,
        dispatches: saves.dispatches - inParts,
        bytesUploaded: uploadsSaved(graph, moved),
        bytesRead: 0,
        bytesWritten: 0,
      },
    },
  ];
}

/** Bytes that each pass uploads less where some kernels, and the parts of others, leave the host. */
function uploadsSaved(graph: Graph, moved: readonly Op[]): number {
  const ids = new Set(moved.map(({ id }) => id));
  const isOnDevice = ({ id, placement }: Op) => placement === "gpu" || ids.has(id);
  const ofValues = sum(graph.values, (value) => {
    if (!isMadeAnew(graph, value.id)) return 0;
    const stays = value.kind !== "result" || !ids.has(value.op);
    const parts = value.dtype === "complex64" ? (["real", "imag"] as const) : [undefined];
    const fewer = sum(parts, (part) => {
      const willBe = stays && isUsedBy(graph, value.id, isOnDevice, part);
      return Number(isUsedOnDevice(graph, value.id, undefined, part)) - Number(willBe);
    });
    return (fewer / parts.length) * bytesOf(value);
  });
  const ofParts = sum(graph.ops, (op) => hostPartOf(graph, op)?.bytesUploaded ?? 0);
  return ofValues + ofParts - sum(moved, forwardedUpload);
}

/**
 * A kernel whose shader would not compile: a transpose of integers or booleans other than that of a
 * matrix. See `uncompiledDType`.
 */
function uncompiledOnDevice(graph: Graph, moved: readonly Op[]): Op | undefined {
  const ids = new Set(moved.map(({ id }) => id));
  return graph.ops.find((op) => {
    const [first] = Object.values(op.operands);
    if (first === undefined) return false;
    const { dtype } = valueAt(graph, behindViews(graph, first));
    if (dtype !== "int32" && dtype !== "bool") return false;
    return ids.has(op.id) ? transposesMore(graph, op) : hostPartOf(graph, op)?.transposesMore;
  });
}

const FLAG_OFF =
  'Call tf.env().set("WEBGPU_CPU_FORWARD", false) before the model runs: TensorFlow.js then computes these kernels on the GPU.';

/** Whether the kernels compute with weights alone, which a pass with the flag off uploads for good. */
function isOfWeights(graph: Graph, moved: readonly Op[]): boolean {
  const made = new Set(moved.flatMap(({ results }) => results));
  return moved.every(({ operands }) =>
    Object.values(operands).every((operand) => {
      const value = behindViews(graph, operand);
      return made.has(value) || valueAt(graph, value).kind === "param";
    }),
  );
}

/** Nodes of a GraphModel whose values the executor reads to know what runs next. */
const CONTROL_FLOW = /^(Stateless)?(While|If|Switch|Merge|LoopCond|TensorList|TensorArray)/;

/**
 * Whether something on the host needs what the kernels compute: the program, the executor of a
 * GraphModel, or a kernel that only the host has. With the flag off, each would wait for the GPU.
 */
function isNeededOnHost(graph: Graph, moved: readonly Op[]): boolean {
  const { reads = [], hostValues } = recordingOf(graph) ?? {};
  if ((hostValues?.read.tensors ?? 0) > reads.length) return true;
  if (graph.calls.some(({ kind, className }) => kind === "node" && CONTROL_FLOW.test(className))) {
    return true;
  }
  const made = new Set(moved.flatMap(({ results }) => results));
  const isMade = (value: ValueId) => made.has(behindViews(graph, value));
  const stays = graph.ops.filter(
    (op) => op.placement === "cpu" && forwardedDispatches(graph, op) === undefined,
  );
  return reads.some(isMade) || stays.some(({ operands }) => Object.values(operands).some(isMade));
}

/** By kernel, an op on the device that takes about as long as one moved there; any, where none ran. */
function typicalOps(graph: Graph): (op: Op) => Op {
  const onDevice = graph.ops.filter(({ placement }) => placement === "gpu");
  const byKernel = new Map(onDevice.map((op) => [op.kernel, op]));
  return (op) => byKernel.get(op.kernel) ?? onDevice[0] ?? op;
}

function findingOn(graph: Graph, large: readonly Op[], all: number): string {
  const bytes = sum(large, ({ results }) => sum(results, (id) => bytesOf(valueAt(graph, id))));
  const byKernel = new Map<string, Op[]>();
  for (const op of large) byKernel.set(op.kernel, [...(byKernel.get(op.kernel) ?? []), op]);
  const kernels = [...byKernel].map(([kernel, ops]) => {
    const operands = [...new Set(ops.flatMap((op) => largestOperand(graph, op) ?? []))];
    const like = operands.length > 1 ? " and its like" : "";
    return `${ops.length} ${kernel} of ${operands.slice(0, 1).map((id) => operandInWords(graph, id))}${like}`;
  });
  const more = all === large.length ? "" : ` (${counted(all - large.length, "smaller one")} apart)`;
  const have = `${large.length === 1 ? "its" : "their"} operands have`;
  return `${counted(large.length, "kernel")} in mid-pass ${large.length === 1 ? "runs" : "run"} on the host${more}, since ${have} never been on the GPU: ${kernels.join(", ")}. Each pass uploads the ${shortBytes(bytes)} of their results.`;
}

/** The operand of a kernel that has most elements, behind views. */
function largestOperand(graph: Graph, { operands }: Op): ValueId | undefined {
  const [largest] = Object.values(operands)
    .map((id) => behindViews(graph, id))
    .sort((a, b) => sizeOf(valueAt(graph, b).shape) - sizeOf(valueAt(graph, a).shape));
  return largest;
}

function operandInWords(graph: Graph, id: ValueId): string {
  const value = valueAt(graph, id);
  const type = formatType(value);
  switch (value.kind) {
    case "param":
      return `the weight ${value.name} (${type})`;
    case "input":
      return `the input ${value.name} (${type})`;
    case "constant":
      return `a constant (${type})`;
    case "result":
      return `the result of ${definingOp(graph, value.id)?.kernel ?? "an op"} (${type})`;
  }
}

function largestResult(graph: Graph, { results }: Op): number {
  return Math.max(0, ...results.map((value) => sizeOf(valueAt(graph, value).shape)));
}
