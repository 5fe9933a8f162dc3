import { asKind } from "./convert.ts";
import type { Emitter, Value } from "./emitter.ts";
import type { Place } from "./places.ts";
import { ShaderProblem } from "./problem.ts";
import type { AtomicName } from "./program.ts";
import { type ScalarKind, type StructType, scalar, typeName } from "./types.ts";

/** A call of an atomic function on what its pointer names; undefined for a store, which gives nothing. */
export function lowerAtomic(
  emitter: Emitter,
  name: AtomicName,
  place: Place | undefined,
  given: readonly Value[],
  line: number,
): Value | undefined {
  if (place?.kind !== "memory" || place.type.kind !== "scalar" || !place.type.isAtomic) {
    const what = place === undefined ? "no pointer" : typeName(place.type);
    throw new ShaderProblem("refused", line, `${name} is called with ${what}`);
  }
  const { memory, address, type } = place;
  const values = given.map((value) => asKind(value, type.of));
  const wrong = values.find((value) => value.type.kind !== "scalar" || value.type.of !== type.of);
  if (wrong !== undefined) {
    const what = `${name} on ${typeName(type)} is given ${typeName(wrong.type)}`;
    throw new ShaderProblem("refused", line, what);
  }
  emitter.charge("atomics");
  const isExchange = name === "atomicCompareExchangeWeak";
  const old = emitter.constantRegister(type.of);
  const exchanged = isExchange ? emitter.constantRegister("bool") : undefined;
  // The expected value comes first in WGSL, and last where one is computed from the old one.
  const ordered = isExchange ? values.toReversed() : values;
  const args = ordered.flatMap((value) => emitter.bind(value).parts);
  emitter.add({ kind: "atomic", name, memory, address, args, old, exchanged });
  if (name === "atomicStore") return undefined;
  const value = { kind: "read", register: old } as const;
  if (exchanged === undefined) return { type: scalar(type.of), parts: [value] };
  return {
    type: exchangeResult(type.of),
    parts: [value, { kind: "read", register: exchanged }],
  };
}

function exchangeResult(of: ScalarKind): StructType {
  return {
    kind: "struct",
    name: "__atomic_compare_exchange_result",
    members: [
      { name: "old_value", type: scalar(of) },
      { name: "exchanged", type: scalar("bool") },
    ],
  };
}
