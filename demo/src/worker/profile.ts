import { type CostReport, count, reportToJson } from "@opcounter/counters";
import { advise, type Graph, OpcounterError, sizeOf } from "@opcounter/ir";
import { type ReportDocument, reportDocument } from "@opcounter/report";
import { inputSpecs, trace } from "@opcounter/tracer";
import { countByOthers } from "../../../packages/cli/src/other-conventions.ts";
import { namedParts } from "../../../packages/cli/src/render/account.ts";
import * as tf from "../../../packages/cli/src/tfjs.ts";
import type { DeviceChoice, Run } from "../run.ts";
import { type Loaded, load } from "./load.ts";
import { type KnownShape, parseShapes, shapesFor } from "./shapes.ts";
import type { Say } from "./worker.ts";

/** The reports of the run, by every convention. */
let reports: readonly CostReport[] = [];

/**
 * Loads a model, runs it once and counts it by every convention.
 *
 * @throws OpcounterError where it cannot be loaded, run or counted.
 */
export async function profile({ source, device, shapes }: Run, say: Say): Promise<ReportDocument> {
  const given = parseShapes(shapes);
  const loaded = await load(source, say);
  try {
    const inputs = zerosFor(loaded, given);
    say(device === "gpu" ? "Running and timing passes on the GPU" : "Running one pass");
    const graph = await traced(loaded, inputs, device);
    say("Counting");
    return counted(graph);
  } finally {
    loaded.model.dispose();
  }
}

/** The report of the run by a convention, as `--format json` prints it. */
export function json(convention: string): string {
  const report = reports.find((each) => each.convention === convention) ?? reports[0];
  if (report === undefined) throw new Error("nothing was profiled yet");
  return reportToJson(report);
}

function zerosFor({ model, usual }: Loaded, given: readonly KnownShape[]): tf.Tensor[] {
  const specs = inputSpecs(model);
  if (specs === undefined) {
    if (given.length > 0) return given.map(({ shape }) => tf.zeros([...shape]));
    throw new OpcounterError("input-missing", "The model does not say what its inputs are", {
      remedy: "give their shapes under Input shapes, such as 1x224x224x3",
    });
  }
  return shapesFor(specs, given, usual).map((shape, index) => {
    const dtype = specs[index]?.dtype ?? "float32";
    if (dtype !== "string") return tf.zeros([...shape], dtype);
    return tf.tensor(new Array<string>(sizeOf(shape)).fill(""), [...shape], dtype);
  });
}

async function traced(
  { name, model }: Loaded,
  inputs: tf.Tensor[],
  device: DeviceChoice,
): Promise<Graph> {
  try {
    const time = device === "gpu" ? { time: { runs: 5 } } : {};
    return await trace(model, inputs, { device, name, ...time });
  } finally {
    tf.dispose(inputs);
  }
}

function counted(graph: Graph): ReportDocument {
  const report = count(graph);
  const others = countByOthers(graph, report.convention, new Map(), {});
  reports = [report, ...others];
  const account = report.recorded?.times?.account;
  return reportDocument({
    graph,
    reports: [report, ...others],
    advice: advise(graph),
    account: account == null ? undefined : { totalMs: account.wallMs, parts: namedParts(report) },
  });
}
