import { BUILT_IN_PASSES, createPassRegistry, type Graph, print, runPasses } from "@opcounter/ir";
import { closeDevices, type DeviceName, evaluate, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";

/** `PROGRAM_TIMES=20` tries that many times as many. */
const TIMES = Number(process.env["PROGRAM_TIMES"] ?? 1);
const SEED = 17;

/** Ops on a matrix of 3 × 4 or its transpose, whose values stay small, by name. */
const STEPS: Readonly<Record<string, (x: tf.Tensor2D, earlier: tf.Tensor2D) => tf.Tensor2D>> = {
  relu: (x) => x.relu(),
  tanh: (x) => x.tanh(),
  softmax: (x) => x.softmax(),
  transpose: (x) => x.transpose(),
  reshape: (x) => x.flatten().as2D(...x.shape),
  reverse: (x) => x.reverse(1),
  center: (x) => x.sub(x.mean(1, true)),
  bias: (x) => x.add(tf.range(0, x.shape[1]).div(10)),
  pad: (x) => {
    const around: [[number, number], [number, number]] = [
      [1, 0],
      [0, 1],
    ];
    return tf.slice2d(tf.pad2d(x, around), [1, 0], x.shape);
  },
  product: (x, earlier) => {
    const isSame = x.shape[1] === earlier.shape[1];
    const rows = earlier.shape[isSame ? 0 : 1];
    return x
      .matMul(earlier, false, isSame)
      .tanh()
      .matMul(tf.ones([rows, x.shape[1]]))
      .div(4);
  },
  sum: (x, earlier) => x.add(x.shape[0] === earlier.shape[0] ? earlier : earlier.transpose()),
  normalize: (x) => {
    const each = (value: number) => tf.fill<tf.Rank.R1>([x.shape[1]], value);
    return tf.batchNorm2d(x, each(0.1), each(0.5));
  },
};

/** A random program, as the names of its steps, each with how far back its other operand is. */
const programs = fc.array(
  fc.record({ name: fc.constantFrom(...Object.keys(STEPS)), back: fc.nat({ max: 3 }) }),
  { minLength: 1, maxLength: 8 },
);

type Steps = readonly { readonly name: string; readonly back: number }[];

const programOf = (steps: Steps) => (input: tf.Tensor) => {
  const values = [input.as2D(3, 4)];
  for (const { name, back } of steps) {
    const last = values.at(-1);
    const earlier = values[Math.max(0, values.length - 1 - back)];
    const step = STEPS[name];
    if (last === undefined || earlier === undefined || step === undefined) continue;
    values.push(step(last, earlier));
  }
  return values.at(-1) ?? input;
};

const registry = createPassRegistry([...BUILT_IN_PASSES]);
const PIPELINES = ["canonicalize", "fuse", "canonicalize,fuse", "canonicalize,fold-batchnorm"];

describe("random programs", function () {
  this.timeout(300_000);
  before(() => tf.setBackend("cpu"));
  after(closeDevices);

  const input = tf.randomUniform([3, 4], -1, 1, "float32", 3);
  const traced = (steps: Steps, device: DeviceName) =>
    trace(programOf(steps), [input], { device, name: "program" });
  const valuesOf = async (graph: Graph) =>
    (await evaluate(graph, [input])).flatMap(({ values }) => Array.from(values, Number));

  it("compute the same after each pass as tfjs before it", async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (steps) => {
        const expected = tf.tidy(() => Array.from(programOf(steps)(input).dataSync()));
        const graph = await traced(steps, "virtual");
        for (const changed of [
          graph,
          ...PIPELINES.map((each) => runPasses(graph, each, { registry })),
        ]) {
          const found = await valuesOf(changed);
          expect(found).to.have.length(expected.length);
          found.forEach((value, place) => {
            expect(value).to.be.closeTo(expected[place] ?? Number.NaN, 1e-4);
          });
        }
      }),
      { seed: SEED, numRuns: 60 * TIMES },
    );
  });

  it("give the same graph on the virtual device and on SwiftShader @linux", async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (steps) => {
        const [virtual, software] = [
          await traced(steps, "virtual"),
          await traced(steps, "software"),
        ];
        const ops = (graph: Graph) =>
          print(graph)
            .split("\n")
            .filter((line) => /^ {2}%\d/.test(line));
        expect(ops(virtual)).to.deep.equal(ops(software));
      }),
      { seed: SEED, numRuns: 30 * TIMES },
    );
  });
});
