import {
  BUILT_IN_PASSES,
  createPassRegistry,
  type Graph,
  paramsOf,
  print,
  runPasses,
  valueAt,
} from "@opcounter/ir";
import { type DeviceName, evaluate, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { foldsOf } from "../../../packages/ir/src/passes/fold-batchnorm.ts";
import type { Parser } from "./parsers.ts";
import { ALL_STEPS, CONTINUOUS, type Step } from "./program-steps.ts";

/** A random program: names of steps, each with how it goes and how far back its other operand is. */
export type Program = readonly {
  readonly name: string;
  readonly choice: number;
  readonly back: number;
}[];

const programsOf = (steps: Readonly<Record<string, Step>>): fc.Arbitrary<Program> =>
  fc.array(
    fc.record({
      name: fc.constantFrom(...Object.keys(steps)),
      choice: fc.nat({ max: 11 }),
      back: fc.nat({ max: 3 }),
    }),
    { minLength: 1, maxLength: 10 },
  );

/** Programs whose values can be compared. */
export const continuousPrograms = programsOf(CONTINUOUS);
export const allPrograms = programsOf(ALL_STEPS);

/** A value with more elements is left as it is: a program must not take long. */
const MOST_ELEMENTS = 2_000;
const INPUT_SHAPE = [1, 4, 4, 3];

const registry = createPassRegistry(BUILT_IN_PASSES);
const PIPELINES = ["canonicalize", "fuse", "canonicalize,fuse", "canonicalize,fold-batchnorm"];

/** A program with its weights, which exist before it is traced. */
class Running {
  readonly input = tf.randomUniform(INPUT_SHAPE, -1, 1, "float32", 3);
  readonly weights = new Map<string, tf.Variable>();

  constructor(readonly program: Program) {
    // Makes the weights.
    tf.dispose(this.run(this.input));
  }

  readonly run = (input: tf.Tensor): tf.Tensor =>
    tf.tidy(() => {
      const values = [input];
      this.program.forEach(({ name, choice, back }, place) => {
        const last = values.at(-1);
        const earlier = values[Math.max(0, values.length - 1 - back)];
        const step = ALL_STEPS[name];
        if (last === undefined || earlier === undefined || step === undefined) return;
        const weight = (part: string, shape: number[], least = -0.5) =>
          this.#weight(`step ${place} ${part}`, shape, least);
        const next = step(last, { earlier, choice, weight });
        if (next !== undefined && next.size <= MOST_ELEMENTS) values.push(next);
      });
      // A program that computes nothing is none.
      return values.length === 1 ? input.relu() : (values.at(-1) ?? input);
    });

  #weight(name: string, shape: number[], least: number): tf.Tensor {
    const known = this.weights.get(name);
    if (known !== undefined) return known;
    const values = tf.randomUniform(shape, least, least + 1, "float32", this.weights.size + 1);
    const made = tf.variable(values, true, name);
    this.weights.set(name, made);
    return made;
  }

  trace(device: DeviceName): Promise<Graph> {
    return trace(this.run, [this.input], { device, name: "program" });
  }

  dispose(): void {
    tf.dispose([this.input, ...this.weights.values()]);
  }
}

/** Runs a check of a program, and disposes of what it had. */
async function running(program: Program, check: (running: Running) => Promise<void>) {
  await tf.setBackend("cpu");
  const started = new Running(program);
  try {
    await check(started);
  } finally {
    started.dispose();
  }
}

/**
 * A program computes what tfjs computes, on the virtual device as it is and after every pass.
 *
 * @throws Error where it does not.
 */
export function checkValues(program: Program): Promise<void> {
  return running(program, async (started) => {
    const output = started.run(started.input);
    const expected = Array.from(output.dataSync());
    output.dispose();
    const graph = await started.trace("virtual");
    await expectValues("the graph", graph, started, expected);
    for (const pipeline of PIPELINES) {
      const changed = runPasses(graph, pipeline, { registry, verify: true });
      const folded = pipeline.includes("fold") ? foldedOf(graph, started) : undefined;
      await expectValues(pipeline, changed, started, expected, folded);
    }
  });
}

/** Elements of parameters by name. Biases that are added outside of every scope share theirs. */
type Folded = ReadonlyMap<string, readonly Float32Array[]>;

async function expectValues(
  what: string,
  graph: Graph,
  { input }: Running,
  expected: readonly number[],
  folded?: Folded,
): Promise<void> {
  const params = paramsOf(graph);
  const given = (value: Graph["values"][number]) => {
    if (value.kind !== "param") return undefined;
    const namesakes = params.filter(({ name }) => name === value.name);
    return folded?.get(value.name)?.[namesakes.findIndex(({ id }) => id === value.id)];
  };
  const results = await evaluate(graph, [input], { given });
  const found = results.flatMap(({ values }) => Array.from(values, Number));
  const wrong = expected.findIndex((value, place) => {
    const difference = Math.abs((found[place] ?? Number.NaN) - value);
    return !(difference <= 1e-4 * Math.max(1, Math.abs(value)));
  });
  if (wrong < 0 && found.length === expected.length) return;
  throw new Error(
    `${what} computes ${found.length} values, ${found[wrong]} at ${wrong} and not ${expected[wrong]}:\n${print(graph)}`,
  );
}

/**
 * The weights that `canonicalize,fold-batchnorm` folds batch norms into, and the biases that it
 * adds, by name.
 */
function foldedOf(graph: Graph, { weights }: Running): Folded {
  const canonical = runPasses(graph, "canonicalize", { registry });
  const nameOf = (id: number) => {
    const value = valueAt(canonical, id);
    return value.kind === "param" ? value.name : "";
  };
  const variable = (id: number | undefined) => weights.get(id === undefined ? "" : nameOf(id));
  const folded = new Map<string, Float32Array[]>();
  const add = (name: string, elements: Float32Array) =>
    folded.set(name, [...(folded.get(name) ?? []), elements]);
  for (const { batchNorm, weights: filter, bias, contraction } of foldsOf(canonical)) {
    tf.tidy(() => {
      const { mean, variance, offset, scale } = batchNorm.operands;
      const [center, spread] = [variable(mean), variable(variance)];
      const [filters, shift, factor] = [variable(filter), variable(offset), variable(scale)];
      if (!center || !spread || !filters) throw new Error("a fold is of other values");
      const by = tf.div(factor ?? 1, spread.add(Number(batchNorm.attrs["varianceEpsilon"])).sqrt());
      const isDeep = contraction.kernel.includes("Depthwise");
      const scaled = filters.mul(isDeep ? by.reshape(filters.shape.slice(2)) : by);
      add(nameOf(filter), scaled.dataSync<"float32">());
      const moved = tf
        .sub(variable(bias) ?? 0, center)
        .mul(by)
        .add(shift ?? 0);
      const name =
        bias === undefined ? [...batchNorm.scope, "folded_bias"].join("/") : nameOf(bias);
      add(name, moved.dataSync<"float32">());
    });
  }
  return folded;
}

/**
 * A program gives the same ops on the virtual device and on SwiftShader.
 *
 * @throws Error where it does not.
 */
export function checkDevices(program: Program): Promise<void> {
  return running(program, async (started) => {
    const opsOn = async (device: DeviceName) =>
      print(await started.trace(device))
        .split("\n")
        .filter((line) => /^ {2}%\d/.test(line))
        .join("\n");
    const [virtual, software] = [await opsOn("virtual"), await opsOn("software")];
    if (virtual !== software) {
      throw new Error(`on the virtual device:\n${virtual}\non SwiftShader:\n${software}`);
    }
  });
}

/** Random programs, as `npm run fuzz` takes them: each is the bytes of its JSON. */
export function programTargets(): Readonly<Record<string, Parser>> {
  const target = (
    programs: fc.Arbitrary<Program>,
    check: (program: Program) => Promise<void>,
  ): Parser => {
    const encoded = (program: Program) => new TextEncoder().encode(JSON.stringify(program));
    return {
      examples: [encoded([{ name: "normalizedConvolution", choice: 0, back: 0 }])],
      inputs: programs.map(encoded),
      // Sound: the inputs are of these programs.
      read: (input) => check(JSON.parse(new TextDecoder().decode(input)) as Program),
    };
  };
  return {
    "program-values": target(continuousPrograms, checkValues),
    "program-devices": target(allPrograms, checkDevices),
  };
}
