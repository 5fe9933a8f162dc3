import {
  type ConstantValue,
  contractionOf,
  counted,
  type Graph,
  OpcounterError,
  sizeOf,
  type ValueId,
  valueAt,
  workOf,
} from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { type Engine, isTensor } from "../tfjs/engine.ts";

/**
 * What counts as a parameter besides those of layers and graph models. `variables`: a program's
 * variables. `constants`: also each float32 tensor of more than one element that the program had
 * before the pass. A list: also these tensors, used or not.
 */
export type ParametersOption = "variables" | "constants" | readonly Tensor[];

/** @throws OpcounterError "option-invalid" where it is none. */
export function checkParametersOption(option: unknown): void {
  if (option === undefined || option === "variables" || option === "constants") return;
  if (Array.isArray(option) && option.every(isTensor)) return;
  const given = typeof option === "string" ? `"${option}"` : "no list of tensors";
  throw new OpcounterError("option-invalid", `The option parameters is ${given}`, {
    remedy: 'it must be "variables", "constants" or a list of tensors',
  });
}

/** The constants of a pass that the program had before it: the weights of models without layers. */
export class HeldConstants {
  /** Tensors made in the pass have greater ids. */
  readonly #firstNew: number;
  readonly #option: ParametersOption;
  readonly #ids = new Set<ValueId>();
  /** The constants that the pass itself made. */
  readonly made: ValueId[] = [];
  #named = 0;

  constructor(engine: Engine, option: ParametersOption) {
    this.#firstNew = engine.nextTensorId();
    this.#option = option;
  }

  /** The tensors that count as parameters whether they are used or not. */
  get listed(): readonly Tensor[] {
    return typeof this.#option === "string" ? [] : this.#option;
  }

  countsAsParam({ id, dtype, shape }: Tensor): boolean {
    const isWeight = dtype === "float32" && sizeOf(shape) > 1;
    return this.#option === "constants" && isWeight && id < this.#firstNew;
  }

  /** A plain tensor as a parameter. It has no name of its own, and no optimizer trains it. */
  asParam(tensor: Tensor) {
    return { tensor, name: `tensor${this.#named++}`, trainable: false, role: "weight" as const };
  }

  /** Notes a constant: one that the program had before the pass, or one that the pass made. */
  add(id: ValueId, tensor: Tensor): void {
    if (tensor.id < this.#firstNew) this.#ids.add(id);
    else this.made.push(id);
  }

  /** How many of their elements contractions multiply by, and how to count them as parameters. */
  notes(graph: Graph): string[] {
    if (this.#ids.size === 0) return [];
    const multiplied = new Map<ValueId, number>();
    for (const { kernel, operands } of graph.ops) {
      const factors = contractionOf(kernel)?.factors ?? [];
      const ids =
        factors === "all" ? Object.values(operands) : factors.map((name) => operands[name]);
      for (const id of ids) {
        const constant = id === undefined ? undefined : constantBehind(graph, id);
        if (constant === undefined || !this.#ids.has(constant.id)) continue;
        multiplied.set(constant.id, sizeOf(constant.shape));
      }
    }
    const elements = [...multiplied.values()].reduce((sum, size) => sum + size, 0);
    if (elements === 0) return [];
    const tensors = counted(multiplied.size, "tensor");
    return [
      `${counted(elements, "element")} of ${tensors} that the program had before the pass ${elements === 1 ? "feeds" : "feed"} contractions, and count as constants; { parameters: "constants" } counts such tensors as parameters.`,
    ];
  }
}

/** The constant that a value is, or is after reshapes and transposes; undefined for others. */
function constantBehind(graph: Graph, id: ValueId): ConstantValue | undefined {
  const value = valueAt(graph, id);
  if (value.kind !== "result") return value.kind === "constant" ? value : undefined;
  const op = graph.ops[value.op];
  if (op === undefined) return undefined;
  const keepsElements = op.placement === "view" || workOf(op.kernel)?.kind === "rearrangement";
  const [source] = Object.values(op.operands);
  return keepsElements && source !== undefined ? constantBehind(graph, source) : undefined;
}
