import { recordingOf } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { evaluate, openDevice, trace } from "../index.ts";

describe("a timed trace", function () {
  this.timeout(60_000);
  const options = { device: "software", time: { runs: 2 } } as const;
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("leaves no scopes that the program left open, nor what was made in them @linux", async () => {
    const { scopeStack } = Reflect.get(tf.engine(), "state");
    const depth = scopeStack.length;
    const memory = tf.memory();
    const x = tf.ones([2000]);
    await trace(
      (x: tf.Tensor) => {
        tf.engine().startScope("left open");
        return x.add(1);
      },
      [x],
      options,
    );
    x.dispose();
    expect(scopeStack.length).to.equal(depth);
    expect(tf.memory()).to.deep.equal(memory);
  });

  it("can be evaluated, with its parameters @linux", async () => {
    const scale = tf.variable(tf.fill([2], 3), true, "kept scale");
    const x = tf.ones([2]);
    const graph = await trace((x: tf.Tensor) => x.mul(scale), [x], options);
    expect(recordingOf(graph)?.times?.runs).to.equal(2);
    const [result] = await evaluate(graph, [x]);
    expect(result?.values).to.deep.equal(new Float32Array([3, 3]));
    scale.dispose();
  });

  it("destroys its queries, also where the program runs other kernels each time @linux", async () => {
    const { device } = (await openDevice("software")).backend;
    const { createQuerySet } = device;
    let [made, destroyed] = [0, 0];
    device.createQuerySet = (descriptor) => {
      const set = createQuerySet.call(device, descriptor);
      const { destroy } = set;
      made++;
      set.destroy = () => {
        destroyed++;
        return destroy.call(set);
      };
      return set;
    };
    let runs = 0;
    const fickle = (x: tf.Tensor) => (runs++ === 0 ? x.relu() : x.relu().neg());
    try {
      const message = await trace(fickle, [tf.zeros([2000])], options).catch((e) => e.message);
      expect(message).to.include("does not run the same kernels");
      expect([made, destroyed]).to.deep.equal([1, 1]);
    } finally {
      Reflect.deleteProperty(device, "createQuerySet");
    }
  });
});
