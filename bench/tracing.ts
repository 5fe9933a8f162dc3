/**
 * What tracing costs on a real device, beside plain runs of the same model and beside tf.profile:
 * `npm run bench:tracing`. The three take turns, so that a machine whose speed drifts is fair to
 * each; the ratios are medians of the ratios of neighbouring runs.
 */
import { closeDevices, openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { ZOO } from "../packages/cli/src/zoo/catalog.ts";

const ROUNDS = 15;
const SIZE = 64;

await tf.setBackend("cpu");
const device = await openDevice("software");
const { backend } = device;

const finished = async () => {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.queue.onSubmittedWorkDone();
};

async function milliseconds(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  await finished();
  return performance.now() - began;
}

await withBackend(device, async () => {
  const model = ZOO["squeezenet1_1"]?.build(tf);
  if (model === undefined) throw new Error("the zoo has no squeezenet1_1");
  const image = tf.zeros([1, SIZE, SIZE, 3]);
  // `call`, as trace does: predict would slice the batch.
  const plain = async () => tf.tidy(() => void model.call(image, {}));
  const variants = {
    plain,
    trace: () => trace(model, [image], { device }),
    "tf.profile": () => tf.profile(() => tf.tidy(() => void model.call(image, {}))),
  };
  for (const run of Object.values(variants)) await milliseconds(run);
  const times: Record<string, number[]> = { plain: [], trace: [], "tf.profile": [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(variants)) {
      times[name]?.push(await milliseconds(run));
    }
  }
  const median = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[values.length >> 1];
  const rows = Object.entries(times).map(([name, each]) => ({
    what: name,
    "median ms": median(each)?.toFixed(1),
    "ratio to plain": median(each.map((ms, i) => ms / (times["plain"]?.[i] ?? 1)))?.toFixed(3),
    runs: each.length,
  }));
  console.log(`squeezenet1_1 at ${SIZE}×${SIZE} on ${device.description}`);
  console.table(rows);
});
await closeDevices();
