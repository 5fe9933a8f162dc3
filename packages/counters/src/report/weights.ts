import { type Graph, paramsOf, STORED_BYTES_PER_ELEMENT } from "@opcounter/ir/core";
import { exact, exactBytes, exactSize } from "../expressions/integer.ts";
import type { WeightsReport } from "./report.ts";

/** Bytes of the weights in memory and in the model's files, statistics included, slots not. */
export function weightsOf(graph: Graph): WeightsReport {
  const rows = new Map<string, { elements: bigint; bytes: bigint; storedBytes: bigint }>();
  for (const param of paramsOf(graph)) {
    if (param.role === "slot") continue;
    const type = param.stored ?? param.dtype;
    const row = rows.get(type) ?? { elements: 0n, bytes: 0n, storedBytes: 0n };
    const elements = exactSize(param.shape);
    rows.set(type, {
      elements: row.elements + elements,
      bytes: row.bytes + exactBytes(param),
      storedBytes: row.storedBytes + elements * BigInt(STORED_BYTES_PER_ELEMENT[type]),
    });
  }
  const total = (of: "bytes" | "storedBytes") =>
    exact([...rows.values()].reduce((sum, row) => sum + row[of], 0n));
  return {
    bytes: total("bytes"),
    storedBytes: total("storedBytes"),
    byStoredType: [...rows].map(([type, { elements, bytes, storedBytes }]) => ({
      type,
      elements: exact(elements),
      bytes: exact(bytes),
      storedBytes: exact(storedBytes),
    })),
  };
}
