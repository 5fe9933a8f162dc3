import { expect } from "chai";
import fc from "fast-check";
import { print, toJson, verify } from "../src/index.ts";
import { fromJson, parse } from "../src/read.ts";
import { arbitraryGraph } from "./arbitrary-graph.ts";

describe("random graphs", () => {
  it("are valid, and use most kernels that the generator knows", () => {
    const kernels = new Set<string>();
    fc.assert(
      fc.property(arbitraryGraph(), (graph) => {
        verify(graph);
        for (const op of graph.ops) kernels.add(op.kernel);
      }),
    );
    expect(kernels.size).to.be.greaterThan(25);
  });

  it("come back from text as they were", () => {
    fc.assert(
      fc.property(arbitraryGraph(), (graph) => {
        expect(parse(print(graph))).to.deep.equal(graph);
      }),
      { numRuns: 300 },
    );
  });

  it("come back from JSON as they were", () => {
    fc.assert(
      fc.property(arbitraryGraph(), (graph) => {
        expect(fromJson(JSON.parse(JSON.stringify(toJson(graph))))).to.deep.equal(graph);
      }),
      { numRuns: 300 },
    );
  });
});
