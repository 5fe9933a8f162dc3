import type { Graph } from "@opcounter/ir";
import { parse } from "@opcounter/ir/read";
import { expect } from "chai";
import fc from "fast-check";
import { arbitraryGraph } from "../../../ir/testing/arbitrary-graph.ts";
import { count } from "../count.ts";
import { align } from "./align.ts";
import { compare } from "./compare.ts";
import type { Comparison } from "./comparison.ts";

/** A convolution, an addition and a ReLU in two scopes, changed as a test asks. */
function graphOf({
  relu = "Relu",
  scope = "head",
  stride = 1,
  size = 8,
  filter = '%w = param "w" : f32[3,3,3,4]',
}): Graph {
  return parse(`graph "g" device=virtual {
  %x = input "x" : f32[1,8,8,3]
  ${filter}
  %0 = Conv2D(x=%x, filter=%w) {strides=[${stride},${stride}], pad="same", dataFormat="NHWC", dilations=[1,1], dimRoundingMode=null} : f32[1,${size},${size},4]  @body/conv
  %1 = Add(a=%0, b=%0) : f32[1,${size},${size},4]  @${scope}/add
  %2 = ${relu}(x=%1) : f32[1,${size},${size},4]  @${scope}/add
  return %2
}
`);
}

const between = (a: Graph, b: Graph, convention = "native") =>
  compare(count(a, { convention }), count(b, { convention }));

const SUMMED = ["macs", "flops", "bytesRead", "bytesWritten", "dispatches"] as const;

/** Checks that the changes of ops add up to those of totals. */
function expectToAddUp({ ops, totals }: Comparison): void {
  for (const name of SUMMED) {
    const { delta } = totals.find(({ quantity }) => quantity === name) ?? {};
    const sum = ops.reduce(
      (so, { a, b }) => so + BigInt(b?.cost[name] ?? 0) - BigInt(a?.cost[name] ?? 0),
      0n,
    );
    expect(sum, name).to.equal(BigInt(delta ?? 0));
  }
}

describe("compare", () => {
  it("says why an op is another: its kernel, its attributes and its shapes", () => {
    const { ops } = between(graphOf({}), graphOf({ relu: "Sigmoid", stride: 2, size: 4 }));
    const [conv, add, relu] = ops.map(({ change, reasons }) => ({
      change,
      reasons: reasons.filter(({ what }) => what !== "cost"),
    }));
    expect(conv).to.deep.equal({
      change: "changed",
      reasons: [
        { what: "result", name: "0", a: "f32[1,8,8,4]", b: "f32[1,4,4,4]" },
        { what: "attribute", name: "strides", a: "[1,1]", b: "[2,2]" },
      ],
    });
    expect(add?.reasons.map(({ what, name }) => `${what} ${name}`)).to.deep.equal([
      "operand a",
      "operand b",
      "result 0",
    ]);
    expect(relu?.change).to.equal("removed");
    const [sigmoid] = between(graphOf({}), graphOf({ relu: "Sigmoid" })).ops;
    expect(sigmoid?.reasons[0]).to.deep.equal({
      what: "kernel",
      name: "",
      a: "Relu",
      b: "Sigmoid",
    });
  });

  it("takes a scope of another name that is made of the same for the same", () => {
    const { scopes, ops, equal } = between(graphOf({}), graphOf({ scope: "tail" }));
    expect([scopes, ops]).to.deep.equal([[], []]);
    expect(equal).to.deep.equal({ scopes: 4, ops: 3 });
  });

  it("takes a layer that is counted as a whole for no op", () => {
    const layer = parse(`graph "g" device=virtual {
  %x = input "x" : f32[1,8]
  %0 = Relu(x=%x) : f32[1,8]  @act call=0
  call 0 = layer "Activation"(%x) params=[] results=[%0] @act
  return %0
}
`);
    const whole = count(layer, { counters: { layers: { Activation: () => ({ flops: 5 }) } } });
    expect(whole.layers).to.have.length(1);
    expect(compare(whole, whole).equal).to.deep.equal({ scopes: 1, ops: 1 });
  });

  it("finds a scope with other weights, though its ops are equal", () => {
    const held = graphOf({ filter: "%w = constant : f32[3,3,3,4]" });
    const { scopes, ops, equal } = between(graphOf({}), held);
    expect(
      scopes.map(({ change, b, costs }) => [change, b, costs.a?.params, costs.b?.params]),
    ).to.deep.equal([
      ["changed", "body", 108, 0],
      ["changed", "body/conv", 108, 0],
    ]);
    expect([ops, equal]).to.deep.equal([[], { scopes: 2, ops: 3 }]);
  });

  it("finds nothing between a graph and itself, and adds up between any two", () => {
    fc.assert(
      fc.property(arbitraryGraph(), arbitraryGraph(), (a, b) => {
        const same = between(a, a);
        expect([same.scopes, same.ops]).to.deep.equal([[], []]);
        const there = between(a, b);
        expectToAddUp(there);
        const back = between(b, a);
        expect(back.equal).to.deep.equal(there.equal);
      }),
      { numRuns: 50 },
    );
  });

  it("takes ops for equal where only one report has a cost of the user's own, or in another unit", () => {
    const energy = { name: "energy", description: "", total: "sum", op: "macs" } as const;
    const inUnit = (unit: string) => count(graphOf({}), { costs: [{ ...energy, unit }] });
    const [none, some, other] = [count(graphOf({})), inUnit("pJ"), inUnit("nJ")];
    for (const [a, b] of [
      [none, some],
      [some, none],
      [some, other],
    ] as const) {
      const { scopes, ops, totals } = compare(a, b);
      expect([scopes, ops]).to.deep.equal([[], []]);
      expect(totals.filter(({ delta }) => delta !== 0 && delta !== null)).to.deep.equal([]);
      expect(totals.at(-1)).to.include({ quantity: "energy", delta: null, percent: null });
    }
    const twice = count(graphOf({}), { costs: [{ ...energy, unit: "pJ", op: "2 * macs" }] });
    expect(compare(some, twice).ops.map(({ reasons }) => reasons[0]?.name)).to.deep.equal([
      "energy",
    ]);
  });

  it("refuses reports of two conventions", () => {
    const [a, b] = [count(graphOf({})), count(graphOf({}), { convention: "torch" })];
    expect(() => compare(a, b)).to.throw(/g is counted by native, and g by torch; count both/);
  });

  it("aligns the most elements that can be, and closes gaps by coarser keys", () => {
    const keys = [(word: string) => word, (word: string) => word.charAt(0)];
    const pairs = align(["a1", "b1", "c1", "d1"], ["a1", "b2", "d1", "e1"], keys);
    expect(pairs.map(({ a, b }) => [a, b])).to.deep.equal([
      ["a1", "a1"],
      ["b1", "b2"],
      ["c1", null],
      ["d1", "d1"],
      [null, "e1"],
    ]);
    const long = Array.from({ length: 30_000 }, (_, i) => `a${i}`);
    const other = long.map((word) => word.replace("a", "b"));
    expect(align(long, other, keys.slice(0, 1))).to.have.length(60_000);
  });
});
