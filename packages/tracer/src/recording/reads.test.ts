import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { trace } from "../index.ts";

describe("reads of a traced program", function () {
  this.timeout(60_000);
  const x = () => tf.tensor1d([1, -2]);
  before(async () => {
    await tf.setBackend("cpu");
  });

  for (const device of ["virtual", "software"] as const) {
    describe(`on the ${device} device`, () => {
      let memory: tf.MemoryInfo;
      const input = x();
      before(() => {
        memory = tf.memory();
      });
      afterEach(() => {
        expect(tf.memory()).to.deep.equal(memory);
      });

      it("that it does not wait for end before the trace does, with what follows them @linux", async () => {
        const read: number[] = [];
        const program = (x: tf.Tensor) => {
          const y = x.relu();
          y.data().then(async (values) => {
            read.push(...values, ...(await y.neg().data()));
          });
          return x.abs();
        };
        const { ops } = await trace(program, [input], { device });
        expect(read).to.deep.equal([1, 0, -1, -0]);
        expect(ops.map(({ kernel }) => kernel)).to.deep.equal(["Relu", "Abs", "Neg"]);
      });

      it("that it does not wait for end where it throws @linux", async () => {
        let read: ArrayLike<number> = [];
        const program = (x: tf.Tensor) => {
          x.relu()
            .data()
            .then((values) => {
              read = values;
            });
          throw new Error("out of luck");
        };
        const message = await trace(program, [input], { device }).catch(({ message }) => message);
        expect(message).to.equal("out of luck");
        expect(Array.from(read)).to.deep.equal([1, 0]);
      });

      it("give the values of what it disposes of meanwhile @linux", async () => {
        let read: ArrayLike<number> = [];
        const program = async (x: tf.Tensor) => {
          const y = x.relu();
          const reading = y.data();
          y.dispose();
          read = await reading;
          return x.abs();
        };
        await trace(program, [input], { device });
        expect(Array.from(read)).to.deep.equal([1, 0]);
      });
    });
  }

  it("may be all that tfjs's debug mode makes", async () => {
    const { log } = console;
    const warnings: unknown[] = [];
    const unhandled = (error: unknown) => warnings.push(error);
    process.on("unhandledRejection", unhandled);
    console.log = () => undefined;
    tf.env().set("DEBUG", true);
    try {
      const graph = await trace((x: tf.Tensor) => tf.tidy(() => x.relu().add(x)), [x()], {
        device: "virtual",
      });
      expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["Relu", "Add"]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      tf.env().set("DEBUG", false);
      console.log = log;
      process.off("unhandledRejection", unhandled);
    }
    expect(warnings).to.deep.equal([]);
  });
});
