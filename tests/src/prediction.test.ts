import {
  type DeviceSpec,
  expectedOf,
  fitPrograms,
  type LaunchSpec,
  limitsOf,
  timeModel,
} from "@opcounter/counters";
import { median, quantile } from "@opcounter/ir";
import { expect } from "chai";
import { h100 } from "../../packages/counters/src/roofline/devices/h100.ts";
import { expectTable } from "./generated-table.ts";
import { MEASURED, type MeasuredOp, measuredOps } from "./h100.ts";

/** An H100 of which only what `calibrate` measures is known, and not how near programs come. */
const BARE: LaunchSpec = {
  name: "H100",
  flops: h100.flops,
  bandwidth: h100.bandwidth,
  transcendentals: h100.transcendentals,
  workgroupFlops: h100.workgroupFlops,
  launchNs: 8600,
  idle: { launchNs: 25_000, slowdown: 25_000 / 8600 },
};

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  convolution: ["FusedConv2D", "DepthwiseConv2dNative"],
  "matrix product": ["_FusedMatMul", "BatchMatMul"],
  "batch normalization": ["FusedBatchNorm"],
  elementwise: ["Add", "Sub", "Multiply", "RealDiv", "Square", "Relu", "Relu6", "Tanh", "Erf"],
  "mean, softmax": ["Mean", "Softmax"],
  pooling: ["AvgPool", "MaxPool"],
  "data movement": ["Concat", "GatherV2", "PadV2", "Slice", "Tile", "Transpose"],
};

/** An op of a model that the fit had not seen. */
interface HeldOut {
  readonly op: MeasuredOp;
  readonly ms: number;
  /** By one time per dispatch for all: the mean, and the median, of the models that were seen. */
  readonly meanMs: number;
  readonly medianMs: number;
}

/** All choices of `size` names. */
function choices(names: readonly string[], size: number): string[][] {
  if (size === 0) return [[]];
  return names.flatMap((name, i) =>
    choices(names.slice(i + 1), size - 1).map((rest) => [name, ...rest]),
  );
}

function predicted(spec: DeviceSpec, { work, program, idles }: MeasuredOp) {
  const model = timeModel(spec, idles);
  if (model === undefined) throw new Error("the spec says too little");
  return expectedOf(model, work, program);
}

/** |predicted / measured − 1| of each op. */
const errors = (all: readonly HeldOut[], of: (each: HeldOut) => number) =>
  all.map((each) => Math.abs(of(each) / each.op.measuredMs - 1));
const byModel = ({ ms }: HeldOut) => ms;
const byMean = ({ meanMs }: HeldOut) => meanMs;
const byMedian = ({ medianMs }: HeldOut) => medianMs;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

describe("the prediction of times, on an H100's", function () {
  this.timeout(60_000);
  let ops: readonly MeasuredOp[] = [];
  /** What each choice of three models says of the two others. */
  const heldOut = new Map<string, readonly HeldOut[]>();

  before(async () => {
    ops = await measuredOps();
    for (const seen of choices(Object.keys(MEASURED.models), 3)) {
      const known = ops.filter(({ model }) => seen.includes(model));
      const spec = fitPrograms(BARE, known);
      const dispatches = sum(known.map(({ work }) => work.dispatches));
      const mean = sum(known.map(({ measuredMs }) => measuredMs)) / dispatches;
      const middle = median(known.map(({ measuredMs, work }) => measuredMs / work.dispatches));
      heldOut.set(
        seen.join(),
        ops
          .filter(({ model }) => !seen.includes(model))
          .map((op) => ({
            op,
            ms: predicted(spec, op).ms,
            meanMs: mean * op.work.dispatches,
            medianMs: middle * op.work.dispatches,
          })),
      );
    }
  });

  it("is near on the two models that a fit has not seen, whichever three it has", () => {
    expect(heldOut.size).to.equal(10);
    for (const [seen, all] of heldOut) {
      expect(median(errors(all, byModel)), seen).to.be.below(0.1);
      expect(quantile(errors(all, byModel), 0.9), seen).to.be.below(0.4);
    }
  });

  it("is nearer than one time per dispatch for all", () => {
    for (const [seen, all] of heldOut) {
      for (const constant of [byMean, byMedian]) {
        const [own, others] = [errors(all, byModel), errors(all, constant)];
        expect(median(own), seen).to.be.below(median(others));
        expect(sum(own), seen).to.be.below(sum(others));
      }
    }
  });

  it("is as docs/devices.md says, per kernel family", () => {
    const all = [...heldOut.values()].flat();
    const rows = Object.entries(FAMILIES).map(([family, kernels]) => {
      const own = all.filter(({ op }) => kernels.includes(op.kernel));
      const found = errors(own, byModel);
      const count = ops.filter(({ kernel }) => kernels.includes(kernel)).length;
      const constant = median(errors(own, byMedian));
      return [family, `${count}`, median(found), quantile(found, 0.9), constant] as const;
    });
    expect(sum(rows.map(([, count]) => Number(count)))).to.equal(ops.length);
    const found = errors(all, byModel);
    const total = ["all", `${ops.length}`, median(found), quantile(found, 0.9)] as const;
    expectTable(
      "devices.md",
      "errors by kernel family",
      ["kernels", "ops", "median error", "nine of ten below", "one time for all"],
      [...rows, [...total, median(errors(all, byMedian))] as const].map(
        ([family, count, ...shares]) => [family, count, ...shares.map(percent)],
      ),
    );
  });

  it("is as docs/devices.md says, per model", () => {
    const rows = Object.entries(MEASURED.models).map(([model, { times }]) => {
      const own = [...heldOut.values()]
        .map((all) => all.filter(({ op }) => op.model === model))
        .filter((all) => all.length > 0);
      const totals = own.map((all) => sum(all.map(byModel))).toSorted((a, b) => a - b);
      const constants = own.map((all) => sum(all.map(byMean))).toSorted((a, b) => a - b);
      const range = (ms: readonly number[]) =>
        `${Math.min(...ms).toFixed(1)} to ${Math.max(...ms).toFixed(1)} ms`;
      return [model, `${times.gpuMs.toFixed(1)} ms`, range(totals), range(constants)];
    });
    expectTable(
      "devices.md",
      "errors by model",
      ["model", "measured", "predicted from three others", "by one time for all"],
      rows,
    );
  });

  it("has the spread that it says: the spec that ships is fitted to all five", () => {
    const { idle, programs, otherPrograms } = fitPrograms(BARE, ops);
    const rounded = JSON.parse(
      JSON.stringify({ idle, programs, otherPrograms }, (_, value: unknown) =>
        typeof value === "number" ? Number(value.toPrecision(3)) : value,
      ),
    );
    const { idle: shipped, programs: own, otherPrograms: others } = h100;
    expect(
      { idle: shipped, programs: own, otherPrograms: others },
      JSON.stringify(rounded),
    ).to.deep.equal(rounded);
    const within = ops.filter((op) => {
      const { lowMs, highMs } = predicted(h100, op);
      return op.measuredMs >= lowMs && op.measuredMs <= highMs;
    });
    expect(within.length / ops.length).to.be.at.least(0.8);
  });

  it("has the time of each model within the spread of the whole", () => {
    for (const [name, { times }] of Object.entries(MEASURED.models)) {
      const all = ops.filter(({ model }) => model === name).map((op) => predicted(h100, op));
      expect(times.gpuMs, name).to.be.within(
        sum(all.map(({ lowMs }) => lowMs)),
        sum(all.map(({ highMs }) => highMs)),
      );
    }
  });

  it("has no op that takes less than it must at least", () => {
    for (const { work, measuredMs, kernel } of ops) {
      const least = Math.max(...Object.values(limitsOf(h100, work)));
      expect(least, kernel).to.be.at.most(measuredMs);
    }
  });
});
