import type { ValueId } from "../graph.ts";
import { einsumTerms } from "../kernels/shapes.ts";
import { BYTES_PER_ELEMENT, type Shape, sizeOf } from "../types.ts";

/** tfjs computes a kernel on the host where each of its operands has fewer elements than this. */
export const HOST_ELEMENTS = 1000;

/** The operands that a Concat takes in one dispatch under WebGPU's default limits. */
const CONCAT_OPERANDS = 7;

/** A tensor inside of a kernel that is made of others: one of its operands, or what one of these gives. */
export interface Inner {
  readonly shape: Shape;
  readonly isOnHost: boolean;
  /** The operand whose data it is, perhaps in another shape. */
  readonly operand?: ValueId;
}

/**
 * The kernels that another one is made of. Each runs on the host where its operands are small and
 * there, as a kernel of its own does.
 */
export class InnerKernels {
  /** The dispatches of those on the device, and of all, with `WEBGPU_CPU_FORWARD` off. */
  dispatches = 0;
  allDispatches = 0;
  /** Of what the host gave to the device, operands apart. */
  uploadedBytes = 0;
  /** The operands that the device took. */
  readonly taken = new Set<ValueId>();
  /** Whether one transposes more than a matrix, by a program that does not compile for integers. */
  transposesMore = false;

  /** Runs one kernel, which gives a tensor of this shape. */
  run(operands: readonly Inner[], shape: Shape, runsOnHost = areSmall(operands)): Inner {
    this.allDispatches += 1;
    if (!runsOnHost) {
      this.dispatches += 1;
      for (const { operand, isOnHost, shape } of operands) {
        if (operand !== undefined) this.taken.add(operand);
        else if (isOnHost) this.uploadedBytes += BYTES_PER_ELEMENT.float32 * sizeOf(shape);
      }
    }
    return { shape, isOnHost: runsOnHost };
  }

  /** Source: `einsum` of tfjs-backend-webgpu 4.22, `einsum_util` of tfjs-core. */
  einsum(operands: readonly Inner[], equation: string): void {
    const { inputs, output } = einsumTerms(equation);
    const axes = [...new Set([...output, ...inputs.join("")])];
    const summed = axes.slice(output.length);
    const left = new Map(operands.entries());
    let out: Inner | undefined;
    // Without a sum all operands are multiplied in one step.
    for (const [step, name] of (summed.length === 0 ? [""] : summed).entries()) {
      const remaining = axes.filter((axis) => !summed.slice(0, step).includes(axis));
      for (const [i, operand] of left) {
        const term = inputs[i] ?? "";
        if (term !== "" && !term.includes(name)) continue;
        left.delete(i);
        const factor = this.#expanded(operand, term, remaining);
        out = out === undefined ? factor : this.run([factor, out], broadcast(factor, out));
      }
      if (name !== "" && out !== undefined) out = this.#summed(out, output.length);
    }
  }

  /** An operand with a dimension for each axis, in their order. */
  #expanded(operand: Inner, term: string, axes: readonly string[]): Inner {
    const names = axes.filter((name) => term.includes(name));
    const sizeOfAxis = (name: string) => operand.shape[term.indexOf(name)] ?? 1;
    const shape = axes.map((name) => (term.includes(name) ? sizeOfAxis(name) : 1));
    if (names.join("") === term) return { ...operand, shape };
    return { ...this.#transposed(operand, names.map(sizeOfAxis)), shape };
  }

  #transposed(x: Inner, shape: Shape): Inner {
    if (shape.length > 2) this.transposesMore = true;
    return this.run([x], shape);
  }

  /** A sum over one axis, which becomes the last. */
  #summed(x: Inner, axis: number): Inner {
    const others = x.shape.filter((_, at) => at !== axis);
    const isLast = axis === x.shape.length - 1;
    const last = isLast ? x : this.#transposed(x, [...others, x.shape[axis] ?? 1]);
    return this.run([last], others, false);
  }

  /** Of more operands than one dispatch takes, parts are concatenated, and then the parts' results. */
  concat(operands: readonly Inner[]): Inner {
    const shape = [operands.reduce((sum, each) => sum + sizeOf(each.shape), 0)];
    if (operands.length <= CONCAT_OPERANDS) return this.run(operands, shape);
    if (areSmall(operands)) {
      this.allDispatches += concatDispatches(operands.length);
      return { shape, isOnHost: true };
    }
    const parts: Inner[] = [];
    for (let i = 0; i < operands.length; i += CONCAT_OPERANDS) {
      parts.push(this.concat(operands.slice(i, i + CONCAT_OPERANDS)));
    }
    return this.concat(parts);
  }
}

function concatDispatches(operands: number): number {
  if (operands <= CONCAT_OPERANDS) return 1;
  const parts = Math.ceil(operands / CONCAT_OPERANDS);
  return parts + concatDispatches(parts);
}

/** Whether a kernel of these operands runs on the host. */
function areSmall(operands: readonly Inner[]): boolean {
  return operands.every(({ shape, isOnHost }) => isOnHost && sizeOf(shape) < HOST_ELEMENTS);
}

function broadcast(a: Inner, b: Inner): number[] {
  return a.shape.map((size, axis) => Math.max(size, b.shape[axis] ?? 1));
}
