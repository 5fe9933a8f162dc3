/** What is predicted without a GPU, beside what a GPU took, of every model that was measured. */

import { readFileSync } from "node:fs";
import { median, quantile } from "@opcounter/ir";
import { closeDevices, openDevice } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { count } from "../packages/counters/src/count.ts";
import type { CostReport } from "../packages/counters/src/report/report.ts";
import type { DeviceSpec } from "../packages/counters/src/roofline/device-spec.ts";
import { h100 } from "../packages/counters/src/roofline/devices/h100.ts";
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
  const reports = new Map<string, CostReport>();
  const device = await openDevice("virtual");
  for (const name of Object.keys(first.models)) {
    reports.set(name, count(await traceZoo(device, name)));
  }
  await closeDevices();
  const { calibration } = second;
  const seen = [...reports].filter(([name]) => FITTED.includes(name));
  const fitted = fitPrograms(
    calibration,
    seen.flatMap(([name, report]) => timedOps(name, report, second)),
  );
  const held = [...reports].filter(([name]) => !FITTED.includes(name));
  return {
    name: "cards",
    columns: [
      ...["card", "what is known of it", "ops", "median error", "nine of ten below"],
      "median error of a model",
    ],
    rows: [
      ["H100", "its specification, fitted to five models", ...nearness(h100, held, first)],
      ["H200", "its calibration, fitted to five models", ...nearness(fitted, held, second)],
      [
        ...["H200", "its calibration; efficiencies of the H100"],
        ...nearness({ ...h100, ...calibration }, held, second),
      ],
      ["H200", "nothing: all is of the H100", ...nearness(h100, held, second)],
    ],
  };
}

/** What each op of a model asks of a card, and took. */
function timedOps(model: string, report: CostReport, { models }: MeasuredCard): TimedOp[] {
  const { idles } = rooflineOf(report, h100);
  return report.ops.flatMap((op, i) => {
    const program = op.dispatches.at(-1)?.program;
    const measuredMs = (models[model]?.gpuNs[i] ?? 0) / 1e6;
    const isTimed = program !== undefined && measuredMs !== 0;
    return isTimed ? [{ model, program, work: workOfOp(op), idles, measuredMs }] : [];
  });
}

/** How many ops were predicted, and how near: of the ops, and of the models. */
function nearness(
  spec: DeviceSpec,
  reports: readonly (readonly [string, CostReport])[],
  { models }: MeasuredCard,
): string[] {
  const errors: number[] = [];
  const ofModels: number[] = [];
  for (const [name, report] of reports) {
    const gpuNs = models[name]?.gpuNs ?? [];
    const predicted = rooflineOf(report, spec);
    errors.push(...predictionErrors(predicted, gpuNs));
    const tookNs = gpuNs.reduce((sum, ns) => sum + ns, 0);
    ofModels.push(Math.abs((1e6 * (predicted.total.expected?.ms ?? Number.NaN)) / tookNs - 1));
  }
  return [
    errors.length.toLocaleString("en"),
    ...[median(errors), quantile(errors, 0.9), median(ofModels)].map(percent),
  ];
}

const ms = (value = Number.NaN) => `${value.toFixed(1)} ms`;
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
