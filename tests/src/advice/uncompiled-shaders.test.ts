import { count } from "@opcounter/counters";
import { advise, type Graph } from "@opcounter/ir";
import { type Device, openDevice, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { type Program, prove } from "./prove.ts";

const RULE = "uncompiled-shader";

/** How often a graph is said to have such a shader, with a remedy or without. */
function namedIn(graph: Graph): number {
  const { advice, findings } = advise(graph);
  return [...advice, ...findings].filter(({ rule }) => rule === RULE).length;
}

describe("shaders that do not compile for a dtype @linux", () => {
  let device: Device;
  before(async () => {
    await tf.setBackend("cpu");
    device = await openDevice("software");
  });

  const cube = (dtype: tf.DataType) => tf.ones([20, 30, 40]).cast(dtype);
  const programs: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
    "a transpose of three dimensions": (x) => x.transpose([1, 0, 2]),
    "a transpose of a matrix": (x) => x.reshape([600, 40]).transpose(),
    "a maximum over the first axis": (x) => x.max(0),
    "a maximum over the last axis": (x) => x.max(-1),
    "a sum over the middle axis": (x) => x.sum(1),
    "a cumulative sum over the first axis": (x) => x.cumsum(0),
    "the place of the largest": (x) => x.argMax(1),
    "a gather": (x) => x.gather([0, 1], 1),
  };

  /** Whether a real device refuses something of a pass. */
  async function isRefused(program: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): Promise<boolean> {
    const { device: gpu } = device.backend;
    gpu.pushErrorScope("validation");
    await trace(program, [x], { device });
    return (await gpu.popErrorScope()) !== null;
  }

  for (const [name, program] of Object.entries(programs)) {
    for (const dtype of ["float32", "int32"] as const) {
      it(`are named where a device refuses them: ${name} of ${dtype}`, async () => {
        const graph = await trace(program, [cube(dtype)], { device: "virtual" });
        const { warnings } = count(graph);
        const refused = await isRefused(program, cube(dtype));
        expect(namedIn(graph)).to.equal(Number(refused));
        expect(warnings.some((text) => text.includes("does not compile"))).to.equal(refused);
      });
    }
  }

  it("are named behind a cast, which is no kernel", async () => {
    const program = (x: tf.Tensor) => x.cast("float32").transpose([1, 0, 2]);
    expect(await isRefused(program, cube("int32"))).to.equal(true);
    const graph = await trace(program, [cube("int32")], { device: "virtual" });
    expect(advise(graph).advice).to.deep.equal([]);
    expect(namedIn(graph)).to.equal(1);
  });

  for (const dtype of ["int32", "bool"] as const) {
    it(`compile for ${dtype} behind a product with tf.scalar(1)`, async () => {
      const program = (x: tf.Tensor) => x.mul(tf.scalar(1)).transpose([1, 0, 2]);
      expect(await isRefused(program, cube(dtype))).to.equal(false);
      const graph = await trace(program, [cube(dtype)], { device: "virtual" });
      expect(namedIn(graph)).to.equal(0);
    });
  }

  it("give the right values behind a product with tf.scalar(1)", async () => {
    const x = tf.range(0, 24_000, 1, "int32").reshape([20, 30, 40]);
    const program = (x: tf.Tensor) => x.mul(tf.scalar(1)).transpose([1, 0, 2]).cast("int32");
    let values: ArrayLike<number> = [];
    const reading = async (x: tf.Tensor) => {
      const y = program(x);
      values = await y.data();
      return y;
    };
    await trace(reading, [x], { device });
    expect(Array.from(values)).to.deep.equal(Array.from(await program(x).data()));
  });

  const floats = (x: tf.Tensor) => x.mul(tf.scalar(1));
  const remedies: Readonly<
    Record<string, readonly [tf.DataType, before: Program, after: Program, remedy: string]>
  > = {
    "a transpose of integers": [
      "int32",
      (x: tf.Tensor) => x.transpose([1, 0, 2]),
      (x: tf.Tensor) => floats(x).transpose([1, 0, 2]).cast("int32"),
      'and .cast("int32") after it',
    ],
    "a transpose of booleans": [
      "bool",
      (x: tf.Tensor) => x.transpose([1, 0, 2]),
      (x: tf.Tensor) => floats(x).transpose([1, 0, 2]).cast("bool"),
      'and .cast("bool") after it',
    ],
    "a sum": [
      "int32",
      (x: tf.Tensor) => x.sum(1),
      (x: tf.Tensor) => floats(x).sum(1).cast("int32"),
      "Call .mul(tf.scalar(1)) before it",
    ],
    "a cumulative sum": [
      "int32",
      (x: tf.Tensor) => x.cumsum(0),
      (x: tf.Tensor) => floats(x).cumsum(0).cast("int32"),
      "Call .mul(tf.scalar(1)) before it",
    ],
    "the place of the largest": [
      "int32",
      (x: tf.Tensor) => x.argMax(1),
      (x: tf.Tensor) => floats(x).argMax(1),
      "as tf.cast does not. Integers",
    ],
    "blocks of a batch": [
      "int32",
      (x: tf.Tensor) =>
        tf.batchToSpaceND(
          x,
          [2, 2],
          [
            [0, 0],
            [0, 0],
          ],
        ),
      (x: tf.Tensor) =>
        tf
          .batchToSpaceND(
            floats(x),
            [2, 2],
            [
              [0, 0],
              [0, 0],
            ],
          )
          .cast("int32"),
      'and .cast("int32") after it',
    ],
  };
  for (const [name, [dtype, before, after, remedy]] of Object.entries(remedies)) {
    it(`have a remedy that costs what it says: ${name}`, async () => {
      await prove({ rule: RULE, before, after, inputs: [cube(dtype)], remedy });
    });
  }
});
