/** What is predicted without a GPU, beside what a GPU took, of every model that was measured. */

import { readFileSync } from "node:fs";
import { median, quantile } from "@opcounter/ir";
import { closeDevices, openDevice } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { count } from "../packages/counters/src/count.ts";
import type { DeviceSpec } from "../packages/counters/src/roofline/device-spec.ts";
import { h100 } from "../packages/counters/src/roofline/devices/h100.ts";
import { expectedOf, timeModel } from "../packages/counters/src/roofline/expected.ts";
import {
  fitPrograms,
  type LaunchSpec,
  type TimedOp,
} from "../packages/counters/src/roofline/fit.ts";
import { rooflineOf } from "../packages/counters/src/roofline/roofline.ts";
import { workOfOp } from "../packages/counters/src/roofline/work.ts";
import type { MeasuredZoo } from "../tests/src/h100-zoo.ts";
import { predictionErrors } from "../tests/src/prediction-errors.ts";
import { traceZoo } from "../tests/src/zoo-graph.ts";
import type { Table } from "./turns.ts";

/** Those from whose times the spec that ships is fitted. */
const FITTED = ["resnet50", "mobilenet_v2", "densenet121", "gpt2", "vit_b_16"];

/** What a card took for the models of the zoo; `gpuNs` is of each op. */
interface MeasuredCard {
  readonly models: Readonly<Record<string, { readonly gpuNs: readonly number[] }>>;
}

function measured<T>(card: "h100" | "h200"): T {
  return JSON.parse(readFileSync(`tests/fixtures/reference/${card}-zoo.json`, "utf8"));
}

/** The models as an H100 ran them, and as its spec predicts them from a trace on the virtual device. */
export async function prediction(): Promise<Table> {
  await tf.setBackend("cpu");
  const device = await openDevice("virtual");
  const { models } = measured<MeasuredZoo>("h100");
  const rows: string[][] = [];
  const errors: number[] = [];
  for (const [name, { wallMs, gpuMs, gpuNs }] of Object.entries(models)) {
    const predicted = rooflineOf(count(await traceZoo(device, name)), h100);
    const own = predictionErrors(predicted, gpuNs);
    const isFitted = FITTED.includes(name);
    if (!isFitted) errors.push(...own);
    rows.push([
      isFitted ? `${name} (fitted)` : name,
      ms(wallMs),
      ms(gpuMs),
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

/** How near a prediction comes, by what is known of a card. */
export async function cards(): Promise<Table> {
  await tf.setBackend("cpu");
  const first = measured<MeasuredCard>("h100");
  const second = measured<MeasuredCard & { readonly calibration: LaunchSpec }>("h200");
  const ops = { h100: await timedOps(first), h200: await timedOps(second) };
  await closeDevices();
  const { calibration } = second;
  const fitted = fitPrograms(
    calibration,
    ops.h200.filter(({ model }) => FITTED.includes(model)),
  );
  const row = (card: keyof typeof ops, known: string, spec: DeviceSpec) => {
    const held = ops[card].filter(({ model }) => !FITTED.includes(model));
    return [card.toUpperCase(), known, ...nearnessOf(spec, held)];
  };
  return {
    name: "cards",
    columns: [
      ...["card", "what is known of it", "ops", "median error", "nine of ten below"],
      "median error of a model",
    ],
    rows: [
      row("h100", "its specification, fitted to five models", h100),
      row("h200", "its calibration, fitted to five models", fitted),
      row("h200", "its calibration; efficiencies of the H100", { ...h100, ...calibration }),
      row("h200", "nothing: all is of the H100", h100),
    ],
  };
}

/** What each op of the zoo asks of a card, and took. */
async function timedOps({ models }: MeasuredCard): Promise<TimedOp[]> {
  const device = await openDevice("virtual");
  const all: TimedOp[] = [];
  for (const [model, { gpuNs }] of Object.entries(models)) {
    const report = count(await traceZoo(device, model));
    const { idles } = rooflineOf(report, h100);
    report.ops.forEach((op, i) => {
      const program = op.dispatches.at(-1)?.program;
      const measuredMs = (gpuNs[i] ?? 0) / 1e6;
      if (program === undefined || measuredMs === 0) return;
      all.push({ model, program, work: workOfOp(op), idles, measuredMs });
    });
  }
  return all;
}

function nearnessOf(spec: DeviceSpec, ops: readonly TimedOp[]): string[] {
  const errors: number[] = [];
  const models = new Map<string, { expected: number; took: number }>();
  for (const { model, program, work, idles, measuredMs } of ops) {
    const times = timeModel(spec, idles);
    if (times === undefined) throw new Error(`the spec of ${spec.name} says too little`);
    const { ms } = expectedOf(times, work, program);
    errors.push(Math.abs(ms / measuredMs - 1));
    const sum = models.get(model) ?? { expected: 0, took: 0 };
    sum.expected += ms;
    sum.took += measuredMs;
    models.set(model, sum);
  }
  const ofModels = [...models.values()].map(({ expected, took }) => Math.abs(expected / took - 1));
  return [
    errors.length.toLocaleString("en"),
    ...[median(errors), quantile(errors, 0.9), median(ofModels)].map(percent),
  ];
}

const ms = (value = Number.NaN) => `${value.toFixed(1)} ms`;
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
