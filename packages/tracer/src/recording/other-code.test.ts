import { notesOf } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { type Device, openDevice, trace, withBackend } from "../index.ts";

/** A promise and what resolves it. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("other code, which computes while a traced function awaits", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  /** Traces `x + 1`, which awaits in between, and runs `other` then. */
  async function meanwhile(
    other: () => Promise<unknown>,
    end = (x: tf.Tensor) => x.add(1),
    device: "virtual" | Device = "virtual",
  ) {
    const [started, finish] = [gate(), gate()];
    const tracing = trace(
      async (x: tf.Tensor) => {
        started.open();
        await finish.opened;
        return end(x);
      },
      [tf.ones([2, 3])],
      { device },
    );
    await started.opened;
    await other().finally(finish.open);
    return tracing;
  }

  it("keeps its backend, its values and its tensors, and is not counted", async () => {
    let kept: tf.Tensor | undefined;
    const before = tf.memory().numTensors;
    const graph = await meanwhile(async () => {
      expect(tf.getBackend()).to.equal("cpu");
      const a = tf.ones([10, 10]);
      kept = tf.matMul(a, a);
      expect((await kept.data())[0]).to.equal(10);
      const layer = tf.layers.dense({ units: 2, inputShape: [10] });
      tf.dispose([a, layer.apply(kept) as tf.Tensor, ...layer.weights.map((w) => w.read())]);
    });
    expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["Add"]);
    expect(graph.calls).to.deep.equal([]);
    expect(notesOf(graph)).to.deep.equal([]);
    expect(kept?.isDisposed).to.equal(false);
    expect(kept?.dataSync()[99]).to.equal(10);
    kept?.dispose();
    expect(tf.memory().numTensors).to.equal(before + 1);
  });

  it("goes on in the scopes of tfjs that it had", async () => {
    tf.engine().startScope("mine");
    let mine: tf.Tensor | undefined;
    await meanwhile(async () => {
      mine = tf.ones([4]);
      tf.engine().startScope("inner");
      tf.ones([5]);
      tf.engine().endScope();
    });
    expect(mine?.isDisposed).to.equal(false);
    tf.engine().endScope();
    expect(mine?.isDisposed).to.equal(true);
  });

  it("may give the function a tensor, and the trace says that its ops are not counted", async () => {
    let given: tf.Tensor | undefined;
    const graph = await meanwhile(
      async () => {
        given = tf.ones([3]).square();
      },
      (x) => (given === undefined ? x : x.add(given)),
    );
    expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["Add"]);
    expect(notesOf(graph)).to.deep.equal([
      "The program takes what other code computed while it awaited, by Square. These ops are not counted.",
    ]);
    expect(given?.dataSync()[0]).to.equal(1);
  });

  it("has dispatches of its own where it shares the function's device @linux", async () => {
    const device = await openDevice("software");
    await withBackend(device, async () => {
      // What is smaller, and on the host, tfjs computes there.
      const [a, large] = [tf.ones([10, 10]), tf.ones([40, 40])];
      let product: tf.Tensor | undefined;
      const end = () => large.add(1).relu();
      const graph = await meanwhile(
        async () => {
          product = tf.matMul(a, a);
        },
        end,
        device,
      );
      expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["Add", "Relu"]);
      expect(graph.ops.map(({ dispatches }) => dispatches.length)).to.deep.equal([1, 1]);
      expect((await product?.data())?.[0]).to.equal(10);
      tf.dispose([a, large, product ?? []]);
    });
  });
});
