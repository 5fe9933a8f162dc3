import { openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";

(async () => {
  const t0 = performance.now();
  const device = await openDevice((process.argv[2] ?? "auto") as "auto");
  const t1 = performance.now();
  await withBackend(device, async () => {
    const m = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] });
    const g = await trace(m, [tf.zeros([1, 4])], { device });
    console.log(
      g.ops.map((o) => o.kernel + JSON.stringify(o.dispatches)),
      device.name,
      t1 - t0,
      performance.now() - t1,
      performance.now(),
    );
  });
})();
