import * as tf from "@tensorflow/tfjs";
import { profile } from "opcounter";

/** Runs in the page: other code computes while an async function is traced. */
async function run(): Promise<unknown> {
  await tf.setBackend("cpu");
  let go = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const target = async (x: tf.Tensor) => {
    const early = x.add(1);
    await gate;
    return early.mul(x.sub(tf.ones([2, 3]).exp()));
  };
  const [input, numTensors] = [tf.ones([2, 3]), tf.memory().numTensors];
  let started = (): void => undefined;
  const running = new Promise<void>((resolve) => {
    started = resolve;
  });
  const profiling = profile(
    (x: tf.Tensor) => {
      started();
      return target(x);
    },
    [input],
    { device: "virtual" },
  );
  await running;
  const a = tf.ones([10, 10]);
  const product = tf.matMul(a, a);
  const [meanwhile] = await product.data();
  const unread = a.add(product);
  go();
  const { ops, warnings } = await profiling;
  return {
    kernels: ops.map(({ kernel }) => kernel),
    warnings: warnings.filter((warning) => warning.includes("awaited")),
    isDisposed: [a, product, unread].map((tensor) => tensor.isDisposed),
    values: [meanwhile, product.dataSync()[99], unread.add(1).dataSync()[0]],
    more: tf.memory().numTensors - numTensors,
  };
}

await fetch("/result", { method: "POST", body: JSON.stringify(await run()) });
