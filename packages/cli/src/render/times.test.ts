import { count } from "@opcounter/counters";
import { annotate, GraphBuilder, RECORDING } from "@opcounter/ir";
import { expect } from "chai";
import { timeLines } from "./times.ts";

/** A report of three dispatches with these quartiles in nanoseconds, by a clock of these steps. */
function timed(quartiles: readonly (readonly [number, number])[], clockStepNs: number | null) {
  const builder = new GraphBuilder("model", "test");
  const dispatches = quartiles.map(([low, high]) => ({
    program: "P",
    workgroups: [1, 1, 1] as const,
    gpuTime: { ns: low, low, high, runs: 10 },
  }));
  const x = builder.input("x", { dtype: "float32", shape: [4] });
  const [y = 0] = builder.op({
    kernel: "Relu",
    operands: { x },
    results: [{ dtype: "float32", shape: [4] }],
    dispatches,
  });
  builder.setResults([y]);
  const graph = builder.build();
  const times = { runs: 10, wallMs: 2, gpuMs: 1, cpuMs: 1, readbackMs: 0, clockStepNs };
  annotate(graph, RECORDING, {
    ...{ events: [], reads: [], shaders: new Map() },
    memory: { peakUsedBytes: 0, peakAllocatedBytes: 0, peakBuffers: [] },
    times: { ...times, opCpuMs: new Map() },
  });
  return count(graph);
}

describe("the lines on a timed pass", () => {
  const unsteady = [
    [8, 18],
    [100, 210],
    [50, 55],
  ] as const;

  it("say that the device was not steady, by the median of its dispatches", () => {
    const report = timed(unsteady, null);
    expect(report.recorded?.times?.gpuSpread).to.be.closeTo(2.1, 1e-12);
    expect(timeLines(report).join("\n")).to.include(
      "a dispatch took 2.1 times as long in the slower runs as in the faster (quartiles).",
    );
  });

  it("do not say so where it was steady, or where its clock is coarse", () => {
    const steady = timed(
      [
        [8, 9],
        [100, 210],
        [50, 55],
      ],
      null,
    );
    expect(steady.recorded?.times?.gpuSpread).to.be.closeTo(9 / 8, 1e-12);
    expect(timeLines(steady).join("\n")).to.not.include("steady");
    const coarse = timed(unsteady, 100_000);
    expect(coarse.recorded?.times?.gpuSpread).to.equal(null);
    expect(timeLines(coarse).join("\n")).to.not.include("steady");
  });
});
