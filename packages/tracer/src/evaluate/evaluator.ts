import {
  bytesOf,
  type DType,
  describeOp,
  formatType,
  type HostWork,
  type Op,
  OpcounterError,
  type OpId,
  reasonOf,
  sizeOf,
  type TensorType,
  type Value,
  type ValueId,
} from "@opcounter/ir/core";
import type { BackendValues } from "@tensorflow/tfjs-core";
import { arrayLength } from "../tfjs/complex.ts";
import { missingPackage, runOnHost } from "./host-backends.ts";
import type { HostOperands, HostTensor } from "./host-tensor.ts";

/** A graph that is finished, or that is still being recorded. */
export interface GraphSource {
  value(id: ValueId): Value;
  op(id: OpId): Op;
  /** The elements of a value that no op has to compute; undefined where they are not known. */
  given(value: Value): BackendValues | undefined;
  /** The value that has the elements of this one: itself, or the one that it is a copy of. */
  origin(id: ValueId): ValueId;
}

/** How many bytes of results are kept for later reads. Dropped results are computed again. */
const KEPT_BYTES = 2 ** 30;

/**
 * Computes values of a graph on the host, with all that they depend on. Each op is computed once,
 * unless the results would take too much memory. Then those that were used longest ago are dropped.
 */
export class Evaluator {
  readonly #source: GraphSource;
  readonly #keptBytes: number;
  /** The results that were computed, in the order of their last use. */
  readonly #results = new Map<ValueId, HostTensor>();
  #bytes = 0;
  #ops = 0;
  #milliseconds = 0;

  constructor(source: GraphSource, keptBytes = KEPT_BYTES) {
    this.#source = source;
    this.#keptBytes = keptBytes;
  }

  /** How many ops were computed so far, and how long that took, in milliseconds. */
  get spent(): HostWork {
    const missing = missingPackage();
    return {
      ops: this.#ops,
      milliseconds: this.#milliseconds,
      ...(missing === undefined ? {} : { missing }),
    };
  }

  /**
   * The elements of a value.
   *
   * @throws OpcounterError "value-uncomputable" that names the op, or "value-unknown".
   */
  valuesOf(wanted: ValueId): BackendValues {
    const id = this.#source.origin(wanted);
    const began = performance.now();
    try {
      const needed = this.#opsNeededFor(id);
      const uses = this.#usesIn(needed, id);
      for (const op of needed) {
        this.#run(op);
        for (const id of this.#operandsOf(op)) uses.set(id, (uses.get(id) ?? 0) - 1);
        this.#makeRoom(uses);
      }
      // A copy, since the program may change the array that it reads.
      return this.#tensorOf(id).values.slice();
    } finally {
      this.#milliseconds += performance.now() - began;
    }
  }

  /** The ops to run, in order of execution. Not recursive, since a graph may be deep. */
  #opsNeededFor(target: ValueId): Op[] {
    const ops = new Map<OpId, Op>();
    const waiting = [target];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (this.#results.has(id)) continue;
      const value = this.#source.value(id);
      if (value.kind !== "result") {
        this.#tensorOf(id);
        continue;
      }
      if (ops.has(value.op)) continue;
      const op = this.#source.op(value.op);
      ops.set(value.op, op);
      waiting.push(...this.#operandsOf(op));
    }
    return [...ops.values()].sort((a, b) => a.id - b.id);
  }

  /** How often each value is still needed. */
  #usesIn(ops: readonly Op[], target: ValueId): Map<ValueId, number> {
    const uses = new Map([[target, 1]]);
    for (const op of ops) {
      for (const id of this.#operandsOf(op)) uses.set(id, (uses.get(id) ?? 0) + 1);
    }
    return uses;
  }

  /** Drops results that no waiting op needs, until the rest fits. */
  #makeRoom(uses: ReadonlyMap<ValueId, number>): void {
    if (this.#bytes <= this.#keptBytes) return;
    for (const id of this.#results.keys()) {
      if ((uses.get(id) ?? 0) > 0) continue;
      this.#results.delete(id);
      this.#bytes -= bytesOf(this.#source.value(id));
      if (this.#bytes <= this.#keptBytes) return;
    }
  }

  #run(op: Op): void {
    const results = this.#computed(op);
    this.#ops++;
    op.results.forEach((id, i) => {
      const value = this.#source.value(id);
      const result = results[i];
      if (result === undefined || !isWhole(result, value)) {
        throw new OpcounterError(
          "value-uncomputable",
          `The ${describeOp(op)} gives ${formatType(value)} on the GPU and something else on the host, so its values are not known`,
          { remedy: ELSEWHERE },
        );
      }
      if (!this.#results.has(id)) this.#bytes += bytesOf(value);
      const { shape, dtype } = value;
      this.#results.set(id, { values: typed(result.values, dtype), shape, dtype });
    });
  }

  #computed(op: Op): HostTensor[] {
    let results: HostTensor[] | undefined;
    try {
      results = runOnHost(op.kernel, this.#tensorsOf(op), op.attrs);
    } catch (error) {
      if (error instanceof OpcounterError) throw error;
      throw new OpcounterError(
        "value-uncomputable",
        `The ${describeOp(op)} cannot be computed on the host: ${reasonOf(error)}`,
        { cause: error, remedy: ELSEWHERE },
      );
    }
    if (results !== undefined) return results;
    throw new OpcounterError(
      "value-uncomputable",
      `The ${describeOp(op)} cannot be computed on the host, since neither the cpu nor the wasm backend of TensorFlow.js has the kernel ${op.kernel}`,
      { remedy: ELSEWHERE },
    );
  }

  #operandsOf({ operands }: Op): ValueId[] {
    return Object.values(operands).map((id) => this.#source.origin(id));
  }

  /** Operands as the kernel takes them: `splits.0`, `splits.1`, … are a list `splits`. */
  #tensorsOf(op: Op): HostOperands {
    const names = Object.keys(op.operands);
    if (names.length > 0 && names.every((name, i) => name === String(i))) {
      return this.#operandsOf(op).map((id) => this.#tensorOf(id));
    }
    const operands: Record<string, HostTensor | HostTensor[]> = {};
    for (const [name, id] of Object.entries(op.operands)) {
      const dot = name.lastIndexOf(".");
      const tensor = this.#tensorOf(this.#source.origin(id));
      if (dot < 0) {
        operands[name] = tensor;
        continue;
      }
      const list = operands[name.slice(0, dot)];
      if (Array.isArray(list)) list.push(tensor);
      else operands[name.slice(0, dot)] = [tensor];
    }
    return operands;
  }

  #tensorOf(id: ValueId): HostTensor {
    const result = this.#results.get(id);
    const value = this.#source.value(id);
    if (result !== undefined) {
      // It is the one used last now.
      this.#results.delete(id);
      this.#results.set(id, result);
      return result;
    }
    const values = this.#source.given(value);
    if (values === undefined) throw unknownValue(value);
    return { values, shape: value.shape, dtype: value.dtype };
  }
}

const ELSEWHERE = 'use { device: "software" }, or { device: "gpu" }';

/** Whether a result has all its elements. Kernels that do not support a dtype may give none. */
function isWhole({ shape, values }: HostTensor, expected: TensorType): boolean {
  return sizeOf(shape) === sizeOf(expected.shape) && values.length === arrayLength(expected);
}

/** A value's name in messages: `param "conv/kernel"`. */
export function nameOf(value: Value): string {
  return "name" in value ? `${value.kind} "${value.name}"` : `${value.kind} %${value.id}`;
}

function unknownValue(value: Value): OpcounterError {
  return new OpcounterError(
    "value-unknown",
    `The values of ${nameOf(value)} (${formatType(value)}) are not known on the host, so what depends on them cannot be computed there`,
    { remedy: ELSEWHERE },
  );
}

/** Values in the array type of their dtype. Some kernels of the host give integers as floats. */
function typed(values: BackendValues, dtype: DType): BackendValues {
  if (dtype === "string") return values;
  const TypedArray = dtype === "int32" ? Int32Array : dtype === "bool" ? Uint8Array : Float32Array;
  if (values instanceof TypedArray) return values;
  // Sound: only the elements of strings are arrays.
  return TypedArray.from(values as ArrayLike<number>);
}
