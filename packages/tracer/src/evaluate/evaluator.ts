import {
  formatScope,
  formatType,
  type Op,
  UserError,
  type Value,
  type ValueId,
} from "@opcounter/ir";
import type { BackendValues } from "@tensorflow/tfjs";
import type { HostBackends, HostOperands, HostTensor } from "./host-backends.ts";

/** A graph, finished or still being recorded. */
export interface GraphSource {
  value(id: ValueId): Value;
  op(id: number): Op;
  /** The elements of a value that no op has to compute; undefined where they are not known. */
  given(value: Value): BackendValues | undefined;
}

/**
 * Computes values of a graph on the host, and what they depend on, each op at most once.
 */
export class Evaluator {
  readonly #source: GraphSource;
  readonly #host: HostBackends;
  readonly #tensors = new Map<ValueId, HostTensor>();
  #ops = 0;
  #milliseconds = 0;

  constructor(source: GraphSource, host: HostBackends) {
    this.#source = source;
    this.#host = host;
  }

  /** How many ops were computed so far, and how long that took. */
  get spent(): { readonly ops: number; readonly milliseconds: number } {
    return { ops: this.#ops, milliseconds: this.#milliseconds };
  }

  /**
   * The elements of a value.
   *
   * @throws UserError that names the op where it cannot be computed, and the remedy.
   */
  valuesOf(id: ValueId): BackendValues {
    const began = performance.now();
    try {
      this.#compute(id);
      return this.#host.values(this.#tensorOf(id));
    } finally {
      this.#milliseconds += performance.now() - began;
    }
  }

  /** Walks what the value depends on, operands before ops; a deep graph needs no deep stack. */
  #compute(target: ValueId): void {
    const waiting = [target];
    for (let id = waiting.at(-1); id !== undefined; id = waiting.at(-1)) {
      if (this.#tensors.has(id) || this.#give(id)) {
        waiting.pop();
        continue;
      }
      const value = this.#source.value(id);
      const op = value.kind === "result" ? this.#source.op(value.op) : undefined;
      if (op === undefined) throw unknownValue(value);
      const missing = Object.values(op.operands).filter(
        (operand) => !this.#tensors.has(operand) && !this.#give(operand),
      );
      if (missing.length > 0) waiting.push(...missing);
      else this.#run(op);
    }
  }

  #give(id: ValueId): boolean {
    const value = this.#source.value(id);
    const elements = this.#source.given(value);
    if (elements === undefined) return false;
    this.#tensors.set(id, this.#host.tensor(elements, value.shape, value.dtype));
    return true;
  }

  #run(op: Op): void {
    let results: HostTensor[] | undefined;
    try {
      results = this.#host.run(op.kernel, this.#operandsOf(op), op.attrs);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(`${named(op)} cannot be computed on the host: ${reason}`, {
        cause: error,
      });
    }
    if (results === undefined) {
      throw new UserError(
        `${named(op)} cannot be computed on the host, since neither the wasm nor the cpu backend of TensorFlow.js has the kernel ${op.kernel}; use --device software, or --device gpu (in code: { device: "software" }).`,
      );
    }
    this.#ops++;
    op.results.forEach((id, i) => {
      const result = results[i];
      if (result !== undefined) this.#tensors.set(id, result);
    });
  }

  /** Operands as the kernel takes them: `splits.0` and its like are a list `splits`. */
  #operandsOf(op: Op): HostOperands {
    const names = Object.keys(op.operands);
    if (names.length > 0 && names.every((name, i) => name === String(i))) {
      return Object.values(op.operands).map((id) => this.#tensorOf(id));
    }
    const operands: Record<string, HostTensor | HostTensor[]> = {};
    for (const [name, id] of Object.entries(op.operands)) {
      const dot = name.lastIndexOf(".");
      const tensor = this.#tensorOf(id);
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
    const tensor = this.#tensors.get(id);
    if (tensor === undefined) throw unknownValue(this.#source.value(id));
    return tensor;
  }
}

function named({ id, kernel, scope }: Op): string {
  return `Op ${id} (${kernel})${scope.length === 0 ? "" : ` in scope "${formatScope(scope)}"`}`;
}

function unknownValue(value: Value): UserError {
  const name = "name" in value ? `${value.kind} "${value.name}"` : `${value.kind} %${value.id}`;
  return new UserError(
    `The values of ${name} (${formatType(value)}) are not known on the host, so what depends on them cannot be computed there; use --device software, or --device gpu (in code: { device: "software" }).`,
  );
}
