import { CONVENTION_NAMES, type CostReport, compare, count, rooflineOf } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { parse } from "@opcounter/ir/read";
import {
  type Amount,
  comparisonDocument,
  type ReportDocument,
  reportDocument,
} from "@opcounter/report";
import { closeDevices, type Device, openDevice } from "@opcounter/tracer";
import { expect } from "chai";
import { traceZoo } from "../zoo-graph.ts";
import { bigGraph, documentOf, reportsOf } from "./report-files.ts";

const sum = (amounts: Iterable<Amount | null>): number =>
  [...amounts].reduce<number>((total, amount) => total + Number(amount ?? 0), 0);

/** Checks that a document's ops and wholes add up to the totals of the reports that it is made of. */
function checkSums(document: ReportDocument, reports: readonly CostReport[]): void {
  reports.forEach((report, index) => {
    const counts = document.conventions[index];
    if (counts === undefined) throw new Error(`the document lacks ${report.convention}`);
    expect(counts.name).to.equal(report.convention);
    for (const quantity of ["macs", "flops", "transcendentals"] as const) {
      const figure = counts[quantity];
      const total = report.totals[quantity];
      expect(figure.total, `${counts.name} ${quantity}`).to.equal(total);
      if (total === null) continue;
      const wholes = counts.wholes.map((whole) => whole[quantity]);
      expect(sum([...figure.ops, ...wholes]), `${counts.name} ${quantity}`).to.equal(total);
    }
  });
  const { ops, totals, memory } = document;
  const expected = reports[0]?.totals ?? count(EMPTY).totals;
  expect(sum(ops.bytesRead)).to.equal(expected.bytesRead);
  expect(sum(ops.bytesWritten)).to.equal(expected.bytesWritten);
  expect(sum(ops.activations)).to.equal(expected.activations);
  expect(sum(ops.params) + totals.unusedParams).to.equal(expected.params);
  expect(sum(ops.peakBytes) + totals.unusedBytes).to.equal(expected.peakBytes);
  expect(sum(ops.dispatches.map((dispatches) => dispatches.length))).to.equal(expected.dispatches);
  expect(Math.max(...memory.bytesAt)).to.equal(expected.peakBytes);
  expect(sum(memory.holders.map(({ bytes }) => bytes)) + memory.others.bytes).to.equal(
    expected.peakBytes,
  );
}

const EMPTY: Graph = {
  ...{ name: "empty", device: "virtual", values: [], inputs: [], ops: [], calls: [], groups: [] },
  results: [],
};

describe("the document of a report", () => {
  let device: Device;
  before(async () => {
    device = await openDevice("virtual");
  });
  after(closeDevices);

  // A LayersModel with batch norms, patterns counted as a whole, layers counted as a whole.
  for (const model of ["resnet50", "gpt2", "lstm"]) {
    it(`adds up to the totals of every convention: ${model}`, async () => {
      const graph = await traceZoo(device, model);
      const reports = reportsOf(graph);
      const document = documentOf(graph);
      expect(document.conventions.map(({ name }) => name)).to.deep.equal(CONVENTION_NAMES);
      checkSums(document, reports);
      expect(JSON.parse(JSON.stringify(document))).to.deep.equal(document);
    });
  }

  it("adds up to the totals of what is counted, where some is ignored", async () => {
    const graph = await traceZoo(device, "resnet18");
    const report = count(graph, { ignore: ["layer1/**"] });
    expect(report.totals.dispatches).to.be.below(count(graph).totals.dispatches);
    checkSums(reportDocument({ graph, reports: [report] }), [report]);
  });

  it("is of graphs with many ops, with one and with none", () => {
    for (const graph of [bigGraph(3_000), bigGraph(1), EMPTY]) {
      if (graph.ops.length > 0) checkSums(documentOf(graph), reportsOf(graph));
      const document = documentOf(graph);
      expect(document.ops.kernel).to.have.length(graph.ops.length);
      expect(document.memory.peakOp === null).to.equal(graph.ops.length === 0);
    }
  });

  it("has weights at the op that computes with them, and not at a view of them", async () => {
    const graph = await traceZoo(device, "gpt2");
    const { ops, kernels } = documentOf(graph);
    ops.params.forEach((params, op) => {
      if (params === 0) return;
      expect(ops.placement[op], kernels[ops.kernel[op] ?? -1]?.name).to.not.equal(2);
    });
  });

  it("has the user's own costs of ops, and of scopes as a whole", () => {
    const graph = bigGraph(100);
    const isFirst = ({ scope }: { scope: readonly string[] }) =>
      scope.join("/") === "block0/layer0" ? 7 : undefined;
    const cost = { unit: "s", description: "", total: "sum" as const, op: "0.25 * flops" };
    const costs = [
      { ...cost, name: "ofOps" },
      { ...cost, name: "ofScope", scope: isFirst },
    ];
    const report = count(graph, { costs });
    const document = reportDocument({ graph, reports: [report] });
    const [counts] = document.conventions;
    for (const { name } of costs) {
      const own = counts?.costs[name];
      const wholes = (counts?.wholes ?? []).map((whole) => whole.costs[name] ?? 0);
      expect(own?.total).to.equal(report.totals.costs[name]);
      expect(sum([...(own?.ops ?? []), ...wholes])).to.be.closeTo(Number(own?.total), 1e-6);
      expect(sum(wholes)).to.equal(name === "ofOps" ? 0 : 7);
    }
  });

  it("says of which layer each op is, with the figures of the report's rows by owner", async () => {
    const graph = await traceZoo(device, "lstm");
    const [report] = reportsOf(graph);
    const { owners, ops, conventions } = documentOf(graph);
    expect(
      owners.map(({ calls, params, className }) => ({ calls, params, className })),
    ).to.deep.equal(
      report.byOwner.map(({ calls, params, className }) => ({ calls, params, className })),
    );
    report.byOwner.forEach((row, owner) => {
      const inside = ops.owner.flatMap((of, op) => (of === owner ? [op] : []));
      expect(inside, row.owner).to.have.length(row.ops);
      const flops = inside.map((op) => conventions[0]?.flops.ops[op] ?? 0);
      expect(sum(flops), row.owner).to.equal(row.flops);
    });
  });

  it("has changes of ops that add up, where a layer is counted as a whole", async () => {
    const graphs = [await traceZoo(device, "lstm"), bigGraph(8)];
    const [a, b] = graphs.map((graph) => count(graph, { convention: "thop@head" }));
    if (a === undefined || b === undefined) throw new Error("two reports are counted");
    expect(a.layers).to.not.have.length(0);
    const { quantities, kinds, totals } = comparisonDocument(compare(a, b));
    quantities.forEach(({ id }, place) => {
      if (id === "params") return;
      const deltas = kinds.flatMap(({ ops }) => ops.map((op) => op.deltas[place] ?? null));
      const total = totals.find((each) => each.id === id)?.delta ?? null;
      if (!deltas.includes(null)) expect(sum(deltas), id).to.equal(Number(total));
    });
  });

  it("takes the gradient of a filter, which has MACs, for a contraction", () => {
    const graph = parse(`graph "g" device=virtual {
  %x = input "x" : f32[1,8,8,3]
  %y = input "y" : f32[1,8,8,4]
  %0 = Conv2DBackpropFilter(x=%x, dy=%y) {strides=[1,1], pad="same", dataFormat="NHWC", dimRoundingMode=null, filterShape=[3,3,3,4]} : f32[3,3,3,4]
  return %0
}
`);
    const { kernels, conventions } = documentOf(graph);
    expect(conventions[0]?.macs.total).to.be.above(0);
    expect(kernels).to.deep.equal([{ name: "Conv2DBackpropFilter", family: "contraction" }]);
  });

  it("has the times that a roofline predicts, by op", () => {
    const graph = bigGraph(80);
    const roofline = rooflineOf(count(graph), {
      name: "d",
      flops: 1e12,
      bandwidth: 1e11,
      launchNs: 500,
    });
    const { predicted, limits, strings } = documentOf(graph, { roofline });
    expect(limits).to.deep.equal({ name: "d", flops: 1e12, bandwidth: 1e11, launchNs: 500 });
    expect(predicted?.leastMs).to.have.length(80);
    for (const { op, leastMs, bound } of roofline.ops) {
      expect(predicted?.leastMs[op ?? -1]).to.be.closeTo(leastMs, 1e-5 * leastMs);
      expect(strings[predicted?.bound[op ?? -1] ?? -1]).to.equal(bound);
    }
    expect(predicted?.expectedMs).to.equal(null);
    expect(sum(predicted?.leastMs ?? [])).to.be.closeTo(predicted?.total.leastMs ?? 0, 1e-9);
  });

  it("writes integers past 2^53 as strings", () => {
    const graph = bigGraph(1);
    const rule = () => ({ macs: 2n ** 60n, flops: 2n ** 61n });
    const report = count(graph, { counters: { kernels: { BatchMatMul: rule } } });
    const document = reportDocument({ graph, reports: [report] });
    expect(document.conventions[0]?.macs.total).to.equal(String(2n ** 60n));
    expect(JSON.parse(JSON.stringify(document))).to.deep.equal(document);
  });
});
