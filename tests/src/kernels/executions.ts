import {
  type Attributes,
  type Graph,
  GraphBuilder,
  kernelOf,
  type Operands,
  operandTypes,
  VerifyError,
  verify,
} from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";

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

/** A graph of this one kernel, and what the verifier says of it. */
function executionOf(
  kernel: string,
  inputs: object,
  attrs: object,
  results: readonly tf.Tensor[],
): Execution {
  const builder = new GraphBuilder(kernel);
  const operands = operandsOf(builder, inputs);
  builder.op({ kernel, operands, attrs: attributesOf(attrs), results });
  const graph = builder.build();
  const problems = problemsOf(graph);
  return { kernel, isInferred: problems.length === 0 && isInferred(graph), problems };
}

function problemsOf(graph: Graph): string[] {
  try {
    return verify(graph).map(({ message }) => message);
  } catch (error) {
    if (error instanceof VerifyError) return error.findings.map(({ message }) => message);
    throw error;
  }
}

function isInferred(graph: Graph): boolean {
  return graph.ops.some((op) => {
    const kernel = kernelOf(op.kernel);
    if (kernel === undefined) return false;
    // Sound: the verifier found the operands to be as the kernel declares them.
    const types = operandTypes(graph, op, kernel.operands) as Parameters<typeof kernel.infer>[0];
    return kernel.infer(types, op.attrs) !== undefined;
  });
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
