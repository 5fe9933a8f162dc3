import { count } from "@opcounter/counters";
import { parse } from "@opcounter/ir/read";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { graphOf, type Shapes } from "./counted-target.ts";

describe("an einsum", () => {
  const figures = async (equation: string, shapes: Shapes) => {
    const graph = await graphOf((...xs: tf.Tensor[]) => tf.einsum(equation, ...xs), shapes);
    const { macs, flops } = count(graph);
    const others = ["ptflops", "torch", "xla"].map((convention) => {
      const report = count(graph, { convention });
      return report.macs ?? report.flops;
    });
    return { macs, flops, others };
  };

  it("that sums over no index has no MACs, and one product per element", async () => {
    const outer = await figures("i,j->ij", [[512], [64]]);
    expect(outer).to.deep.equal({ macs: 0, flops: 32_768, others: [0, 0, 65_536] });
    const hadamard = await figures("ij,ij->ji", [
      [3, 5],
      [3, 5],
    ]);
    expect([hadamard.macs, hadamard.flops]).to.deep.equal([0, 15]);
  });

  it("of one operand has additions where it sums, and nothing where it reorders", async () => {
    expect(await figures("ij->j", [[4, 5]])).to.include({ macs: 0, flops: 15 });
    expect(await figures("ij->ji", [[4, 5]])).to.include({ macs: 0, flops: 0 });
  });

  it("that sums over an index of one operand alone contracts all the same", async () => {
    const shapes = [
      [4, 5],
      [5, 6],
    ];
    expect(await figures("ij,jk->k", shapes)).to.deep.include({ macs: 120, flops: 240 });
    expect(await figures("ij,jk->ik", shapes)).to.deep.equal({
      macs: 120,
      flops: 240,
      others: [120, 240, 240],
    });
  });

  it("is exact past 2^53", () => {
    const graph = parse(`graph "long" device=virtual {
  %a = input "a" : f32[94906267,3]
  %b = input "b" : f32[3,94906267]
  %0 = Einsum(%a, %b) {equation="ij,jk->ik"} : f32[94906267,94906267]
  return %0
}
`);
    expect(count(graph).macs).to.equal(3n * 94_906_267n ** 2n);
  });
});
