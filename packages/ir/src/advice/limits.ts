import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op, Value } from "../graph.ts";
import { bytesOf } from "../types.ts";
import { WEBGPU_DEFAULT_LIMITS } from "../webgpu-limits.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";

const { maxBufferSize: MAX_BUFFER_BYTES, maxStorageBufferBindingSize: MAX_BINDING_BYTES } =
  WEBGPU_DEFAULT_LIMITS;

/** Values that a device with WebGPU's default limits refuses. */
export const overLimits: AdviceRule = {
  name: "over-default-limits",
  finds: "A value that WebGPU's default limits refuse",
  inTraining: true,
  find,
};

function find(graph: Graph): Found[] {
  return graph.values.flatMap((value) => {
    const bytes = bytesOf(value);
    const isView = value.kind === "result" && graph.ops[value.op]?.placement === "view";
    if (isView || bytes <= MAX_BINDING_BYTES) return [];
    const limit = bytes > MAX_BUFFER_BYTES ? MAX_BUFFER_BYTES : MAX_BINDING_BYTES;
    const kind = bytes > MAX_BUFFER_BYTES ? "buffer" : "storage binding";
    const op = value.kind === "result" ? graph.ops[value.op] : firstUser(graph, value);
    return [
      {
        finding: `${nameOf(graph, value)} takes ${shortBytes(bytes)}, ${shortBytes(bytes - limit)} over WebGPU's default limit of ${shortBytes(limit)} for a ${kind}: it runs only where the adapter allows more, as most desktop GPUs do.`,
        scope: op?.scope ?? [],
        ops: op === undefined ? [] : [op.id],
      },
    ];
  });
}

function firstUser(graph: Graph, value: Value): Op | undefined {
  const [first] = analyse(graph, uses).usersOf(value.id);
  return first === undefined ? undefined : graph.ops[first];
}

function nameOf(graph: Graph, value: Value): string {
  switch (value.kind) {
    case "input":
      return `The input "${value.name}"`;
    case "param":
      return `The parameter "${value.name}"`;
    case "constant":
      return "A constant";
    case "result":
      return `The result of ${graph.ops[value.op]?.kernel ?? "an op"}`;
  }
}
