import { expect } from "chai";
import { type Annotation, analyse, annotate, annotationOf, withGroups } from "./analysis.ts";
import { GraphBuilder } from "./builder.ts";
import type { Graph } from "./graph.ts";

const NAME: Annotation<string> = { name: "name" };

function graphOfOneInput(): Graph {
  const builder = new GraphBuilder("g");
  builder.setResults([builder.input("x", { dtype: "float32", shape: [1] })]);
  return builder.build();
}

function counting(facts: { readonly ignoresGroups?: true } = {}) {
  let runs = 0;
  return { name: "runs", ...facts, run: () => ++runs };
}

describe("what is kept with a graph", () => {
  it("stays with that graph, one that is frozen too, and shows in none", () => {
    for (const graph of [graphOfOneInput(), Object.freeze(graphOfOneInput())]) {
      const analysis = counting();
      annotate(graph, NAME, "mine");
      expect([analyse(graph, analysis), analyse(graph, analysis)]).to.deep.equal([1, 1]);
      expect(annotationOf(graph, NAME)).to.equal("mine");
      expect(graph).to.deep.equal(graphOfOneInput());
    }
  });

  it("is not the copy's, but for analyses that ignore groups, where only those differ", () => {
    const graph = graphOfOneInput();
    const [ofAll, ofOps] = [counting(), counting({ ignoresGroups: true })];
    annotate(graph, NAME, "mine");
    for (const analysis of [ofAll, ofOps]) analyse(graph, analysis);
    expect(annotationOf({ ...graph }, NAME)).to.equal(undefined);
    expect(analyse({ ...graph }, ofAll)).to.equal(2);
    const grouped = withGroups(graph, []);
    expect([ofAll, ofOps].map((analysis) => analyse(grouped, analysis))).to.deep.equal([3, 1]);
  });
});
