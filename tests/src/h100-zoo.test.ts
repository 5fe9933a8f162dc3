import { count, rooflineOf } from "@opcounter/counters";
import { median, type PassPart } from "@opcounter/ir";
import { expect } from "chai";
import { h100 } from "../../packages/counters/src/roofline/devices/h100.ts";
import { expectTable } from "./generated-table.ts";
import { H100_ZOO, type MeasuredPass } from "./h100-zoo.ts";
import { predictionErrors } from "./prediction-errors.ts";
import { zooGraph } from "./zoo-graph.ts";

const PARTS: Readonly<Partial<Record<PassPart, string>>> = {
  hostKernels: "on the host",
  dispatching: "dispatching",
  uploads: "uploads",
  program: "program",
  waiting: "waiting",
  gpu: "GPU",
};
const SHOWN = ["resnet50", "mobilenet_v2", "densenet121", "vit_b_16", "gpt2", "bert_base"];
const WAYS = ["as it is", "flag off", "after one pass with it off", "own layer norm"];

const milliseconds = (ms: number) => `${ms.toFixed(1)} ms`;

/** The time of a part of a pass; 0 where nothing was spent on it. */
const msOf = ({ account }: MeasuredPass, part: string) =>
  account.parts.find((each) => each.part === part)?.ms ?? 0;

describe("what an H100 took for the zoo", function () {
  this.timeout(60_000);
  const { models, withoutCpuForward, plainPasses } = H100_ZOO;
  const passes = new Map<string, MeasuredPass>(Object.entries(models));
  for (const [name, pass] of Object.entries(withoutCpuForward)) {
    passes.set(`${name}, flag off`, pass);
  }

  it("is accounted for, with next to nothing unexplained", () => {
    expect(passes.size).to.equal(46);
    for (const [name, pass] of passes) {
      const { wallMs, parts } = pass.account;
      expect(
        parts.reduce((total, { ms }) => total + ms, 0),
        name,
      ).to.be.closeTo(wallMs, 0.01);
      expect(msOf(pass, "unexplained") / wallMs, name).to.be.below(0.01);
    }
  });

  it("is in the benchmarks, part by part", () => {
    const rows = [...passes].filter(([name]) => SHOWN.includes(name) || name.endsWith("flag off"));
    expectTable(
      "benchmarks.md",
      "accounts",
      ["model", "a pass", ...Object.values(PARTS)],
      rows.map(([name, pass]) => [
        name,
        milliseconds(pass.account.wallMs),
        ...Object.keys(PARTS).map((part) => milliseconds(msOf(pass, part))),
      ]),
    );
  });

  it("falls as the remedies promise", () => {
    const rows = Object.entries(plainPasses).map(([name, passes]) => {
      const [before, ...after] = WAYS.map((way) => passes[way]?.ms ?? Number.NaN);
      for (const ms of after) expect(before, name).to.be.greaterThan(6 * ms);
      return [name, ...[before ?? 0, ...after].map(milliseconds)];
    });
    expectTable("benchmarks.md", "remedies", ["model", ...WAYS], rows);
  });

  // docs/benchmarks.md has all of them, which takes longer.
  for (const name of ["squeezenet1_1", "resnet18", "mobilenet_v1", "efficientnet_b0"]) {
    it(`is what is predicted of ${name}, whose times nothing was fitted to`, async () => {
      const { gpuMs, gpuNs } = models[name] ?? none();
      const graph = await zooGraph(name);
      const roofline = rooflineOf(count(graph), h100);
      expect(roofline.total.expected?.ms).to.be.within(0.9 * gpuMs, 1.1 * gpuMs);
      const errors = predictionErrors(roofline, gpuNs);
      expect(errors).to.have.length(gpuNs.filter((ns) => ns > 0).length);
      expect(median(errors)).to.be.below(0.1);
    });
  }
});

function none(): never {
  throw new Error("the model was not measured");
}
