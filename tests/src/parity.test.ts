import { readFileSync } from "node:fs";
import { count } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { expect } from "chai";
import { zooGraph } from "./zoo-graph.ts";

/** What thop, fvcore, ptflops and an independent hook gave on torchvision's models. */
interface Reference {
  readonly params: number;
  readonly bn_buffers: number;
  readonly conv_linear_macs: number;
  readonly thop_head_macs: number;
  readonly fvcore_flops: number;
  readonly ptflops_aten_macs: number;
}

const REFERENCE: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(new URL("../fixtures/reference/torchvision.json", import.meta.url), "utf8"),
).models;

/** thop's README table, September 2019: parameters in millions and MACs in billions, as printed. */
const PUBLISHED: Readonly<Record<string, readonly [params: string, macs: string]>> = {
  alexnet: ["61.10", "0.77"],
  vgg16: ["138.36", "15.61"],
  resnet50: ["25.56", "4.14"],
  densenet121: ["7.98", "2.90"],
  mobilenet_v2: ["3.50", "0.33"],
};

/** Integers of the conventions' documentation, confirmed against the tools. */
const THOP_2019_09: Readonly<Record<string, number>> = {
  alexnet: 773_304_664,
  vgg16: 15_607_486_488,
  resnet50: 4_135_789_592,
  densenet121: 2_898_381_336,
};

const names = Object.keys(PUBLISHED);

describe("parity with other tools", () => {
  const graphs = new Map<string, Graph>();
  const graphOf = (name: string): Graph => {
    const graph = graphs.get(name);
    if (graph === undefined) throw new Error(`${name} was not traced`);
    return graph;
  };

  before(async () => {
    for (const name of names) graphs.set(name, await zooGraph(name));
  });

  for (const name of names) {
    describe(name, () => {
      const reference = REFERENCE[name];

      it("has torchvision's parameters and convolution and linear MACs, to the unit", () => {
        const { totals, uncounted } = count(graphOf(name), { strict: true });
        expect(totals.params).to.equal(reference?.params);
        expect(totals.macs).to.equal(reference?.conv_linear_macs);
        expect(uncounted).to.deep.equal([]);
      });

      it("has the total of thop@head, to the unit", () => {
        const report = count(graphOf(name), { convention: "thop@head" });
        expect(report.macs).to.equal(reference?.thop_head_macs);
        expect(report.flops).to.equal(null);
      });

      it("has the totals of fvcore, ptflops and torch, to the unit", () => {
        const graph = graphOf(name);
        expect(count(graph, { convention: "fvcore" }).macs).to.equal(reference?.fvcore_flops);
        expect(count(graph, { convention: "ptflops" }).macs).to.equal(reference?.ptflops_aten_macs);
        const { macs, flops } = count(graph, { convention: "torch" });
        expect(macs).to.equal(null);
        expect(flops).to.equal(2 * (reference?.conv_linear_macs ?? 0));
      });

      it("has the figures of thop's published table", () => {
        const { macs, params } = count(graphOf(name), { convention: "thop@2019-09" });
        const published = PUBLISHED[name];
        expect((Number(params) / 1e6).toFixed(2)).to.equal(published?.[0]);
        expect((Number(macs) / 1e9).toFixed(2)).to.equal(published?.[1]);
        const golden = THOP_2019_09[name];
        if (golden !== undefined) expect(macs).to.equal(golden);
      });
    });
  }

  it("has every term of the article's DenseNet-121 figure, before thop's float32 rounding", () => {
    // 2,914,598,912 as published; thop added the layers up in float32 and lost 1,816.
    const { macs, byKernel } = count(graphOf("densenet121"), { convention: "thop@2019-07" });
    const of = (kernel: string) => byKernel.find((row) => row.kernel === kernel)?.macs;
    expect(macs).to.equal(2_914_598_912 + 1_816);
    expect(of("Conv2D") ?? of("FusedConv2D")).to.equal(2_833_137_664);
    expect(of("FusedBatchNorm")).to.equal(4 * 15_667_456);
    expect(of("Relu")).to.equal(15_617_280);
    expect(of("MaxPool")).to.equal(3 * 200_704);
    expect(of("AvgPool")).to.equal(3 * 175_616);
  });
});
