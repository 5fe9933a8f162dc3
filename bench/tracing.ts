/** What tracing costs, beside a plain pass of the same model and beside tf.profile. */
import { cpus } from "node:os";
import { closeDevices, type Device, openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { ZOO } from "../packages/cli/src/zoo/catalog.ts";
import { collectYoung, inTurn, processorMs, type Table } from "./turns.ts";

/** By model, the least height and width of its image, where what it pools has elements. */
const MODELS = { resnet50: 1, mobilenet_v2: 1, densenet121: 32 };

/**
 * @param device where the models run. On the virtual device only the host works, so processor time
 *   is taken, which other programs on the machine disturb least; on others the time that passes.
 * @param rounds how often each variant runs.
 * @param size the height and width of the image, for models that take one that small.
 */
export async function tracing(
  name: "virtual" | "software" | "gpu",
  size: number,
  rounds: number,
): Promise<Table> {
  await tf.setBackend("cpu");
  const device = await openDevice(name);
  const clock = name === "virtual" ? processorMs : () => performance.now();
  const rows: string[][] = [];
  await withBackend(device, async () => {
    for (const [model, least] of Object.entries(MODELS)) {
      rows.push(await tracingOf(model, device, Math.max(size, least), rounds, clock));
    }
  });
  // A machine with a GPU is seldom the one that measures the rest.
  const machine = [device.description, `${cpus()[0]?.model.trim()}`, `Node ${process.version}`];
  await closeDevices();
  const columns = [
    "model",
    "input",
    "rounds",
    "plain pass",
    "pass of `trace()`",
    "`trace()`",
    "`tf.profile`",
  ];
  const on = name === "gpu" ? { on: machine.join(", ") } : {};
  return { name: `tracing on ${name}`, ...on, columns, rows };
}

async function tracingOf(
  name: string,
  device: Device,
  size: number,
  rounds: number,
  clock: () => number,
) {
  const model = ZOO[name]?.build(tf);
  if (model === undefined) throw new Error(`the zoo has no ${name}`);
  const image = tf.zeros([1, size, size, 3]);
  let passMs = 0;
  let passDone = Promise.resolve();
  const call = model.call.bind(model);
  // `trace` runs a model by `call`; `predict` would slice the batch.
  model.call = (...args) => {
    const began = clock();
    const outputs = call(...args);
    const end = () => {
      passMs = clock() - began;
    };
    end();
    // The virtual device computes nothing. Another has only begun when the call returns.
    if (device.virtual === undefined) passDone = finished(device).then(end);
    return outputs;
  };
  const whole = async (run: () => unknown) => {
    collectYoung();
    const began = clock();
    await run();
    await Promise.all([passDone, finished(device)]);
    collectYoung();
    return clock() - began;
  };
  const plain = () => tf.tidy(() => void model.call(image, {}));
  const outcomes = await inTurn(rounds, [
    { name: "plain", run: () => whole(plain) },
    // What the model's call took in the run just before.
    { name: "call", run: () => passMs },
    { name: "trace", run: () => whole(() => trace(model, [image], { device })) },
    { name: "pass", to: "call", run: () => passMs },
    { name: "profile", run: () => whole(() => tf.profile(plain)) },
  ]);
  model.dispose();
  image.dispose();
  const [plainMs, , traced, pass, profiled] = outcomes;
  return [
    name,
    `1×${size}×${size}×3`,
    String(rounds),
    `${plainMs?.median.toFixed(1)} ms`,
    ...[pass, traced, profiled].map((outcome) => outcome?.ratio.toFixed(2) ?? ""),
  ];
}

async function finished({ backend }: Device): Promise<void> {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.queue.onSubmittedWorkDone();
}
