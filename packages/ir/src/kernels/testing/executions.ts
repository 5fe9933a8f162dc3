import * as tf from "@tensorflow/tfjs";
import { GraphBuilder } from "../../builder.ts";
import type { Attributes, Operands } from "../../graph.ts";
import { operandTypes } from "../../kernel.ts";
import { checkKernel } from "../../verify/kernels.ts";
import { kernelOf } from "../registry.ts";

/** One kernel that tfjs ran, held against its declaration. */
export interface Execution {
  readonly kernel: string;
  /** Whether its result types follow from the types of its operands and its attributes. */
  readonly isInferred: boolean;
  /** What of it is not as the kernel declares it, and what the kernel was given. */
  readonly problems: readonly string[];
}

/** Every kernel that passes through tfjs's engine while `run` runs. */
export function executionsOf(run: () => void): Execution[] {
  const engine = tf.engine();
  const executions: Execution[] = [];
  const runKernel = engine.runKernel;
  const record: typeof runKernel = (kernel, inputs, attrs) => {
    const outputs = runKernel.call(engine, kernel, inputs, attrs);
    executions.push(executionOf(kernel, inputs, attrs ?? {}, [outputs].flat()));
    // Sound: what runKernel gave, whatever type its caller asked for.
    return outputs as never;
  };
  engine.runKernel = record;
  try {
    tf.tidy(run);
  } finally {
    Reflect.deleteProperty(engine, "runKernel");
  }
  return executions;
}

function executionOf(
  name: string,
  inputs: object,
  attrs: object,
  outputs: readonly tf.Tensor[],
): Execution {
  const kernel = kernelOf(name);
  if (kernel === undefined) {
    return { kernel: name, isInferred: false, problems: ["no such kernel is declared"] };
  }
  const builder = new GraphBuilder(name);
  const operands = operandsOf(builder, inputs);
  builder.op({ kernel: name, operands, attrs: attributesOf(attrs), results: outputs });
  const graph = builder.build();
  const [op] = graph.ops;
  if (op === undefined) throw new Error("the graph has no op");
  // Sound: it is what the operands of this very kernel are made into everywhere.
  const types = operandTypes(graph, op, kernel.operands) as Parameters<typeof kernel.infer>[0];
  return {
    kernel: name,
    isInferred: isInferred(() => kernel.infer(types, op.attrs)),
    problems: [...checkKernel(graph, op, kernel)],
  };
}

/** An inference that throws is reported as a problem of the kernel. */
function isInferred(infer: () => unknown): boolean {
  try {
    return infer() !== undefined;
  } catch {
    return true;
  }
}

/** Operands named as in a graph. What is no tensor (an image, an absent bias) is no operand. */
function operandsOf(builder: GraphBuilder, inputs: object): Operands {
  const operands: Record<string, number> = {};
  const add = (name: string, value: unknown) => {
    if (value instanceof tf.Tensor) operands[name] = builder.input(name, value);
  };
  for (const [name, value] of Object.entries(inputs)) {
    if (Array.isArray(value)) for (const [i, item] of value.entries()) add(`${name}.${i}`, item);
    else add(name, value);
  }
  return operands;
}

/** Attributes as a trace records them: what is undefined is absent. */
function attributesOf(attrs: object): Attributes {
  return Object.fromEntries(Object.entries(attrs).filter(([, value]) => value !== undefined));
}
