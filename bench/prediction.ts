/** What is predicted without a GPU, beside what a GPU took, of every model that was measured. */

import { readFileSync } from "node:fs";
import { median } from "@opcounter/ir";
import { closeDevices, openDevice } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { count } from "../packages/counters/src/count.ts";
import { h100 } from "../packages/counters/src/roofline/devices/h100.ts";
import { rooflineOf } from "../packages/counters/src/roofline/roofline.ts";
import type { MeasuredZoo } from "../tests/src/h100-zoo.ts";
import { predictionErrors } from "../tests/src/prediction-errors.ts";
import { traceZoo } from "../tests/src/zoo-graph.ts";
import type { Table } from "./turns.ts";

/** Those from whose times the spec that ships is fitted. */
const FITTED = ["resnet50", "mobilenet_v2", "densenet121", "gpt2", "vit_b_16"];

const MEASURED = "tests/fixtures/reference/h100-zoo.json";

/** The models as an H100 ran them, and as its spec predicts them from a trace on the virtual device. */
export async function prediction(): Promise<Table> {
  await tf.setBackend("cpu");
  const device = await openDevice("virtual");
  const { models }: MeasuredZoo = JSON.parse(readFileSync(MEASURED, "utf8"));
  const rows: string[][] = [];
  const errors: number[] = [];
  for (const [name, measured] of Object.entries(models)) {
    const predicted = rooflineOf(count(await traceZoo(device, name)), h100);
    const own = predictionErrors(predicted, measured.gpuNs);
    const isFitted = FITTED.includes(name);
    if (!isFitted) errors.push(...own);
    rows.push([
      isFitted ? `${name} (fitted)` : name,
      ms(measured.wallMs),
      ms(measured.gpuMs),
      ms(predicted.total.expected?.ms),
      predicted.idles ? "" : ms(predicted.expectedIdle?.ms),
      percent(median(own)),
    ]);
  }
  await closeDevices();
  rows.push(["all ops of those not fitted", "", "", "", "", percent(median(errors))]);
  return {
    name: "prediction",
    columns: ["model", "a pass", "GPU", "predicted", "if it idles", "median error of an op"],
    rows,
  };
}

const ms = (value = Number.NaN) => `${value.toFixed(1)} ms`;
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
