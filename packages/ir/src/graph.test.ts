import { expect } from "chai";
import { GraphBuilder } from "./index.ts";

describe("GraphBuilder", () => {
  it("gives dense ids in order of definition", () => {
    const builder = new GraphBuilder("tiny");
    const x = builder.input("x", { dtype: "float32", shape: [2, 2] });
    const [y] = builder.op({
      kernel: "Relu",
      operands: { x },
      results: [{ dtype: "float32", shape: [2, 2] }],
    });
    builder.setResults(y === undefined ? [] : [y]);
    const graph = builder.build();
    expect(graph.values.map((value) => value.id)).to.deep.equal([0, 1]);
    expect(graph.values[1]).to.deep.include({ kind: "result", op: 0, index: 0 });
    expect(graph.results).to.deep.equal([1]);
  });
});
