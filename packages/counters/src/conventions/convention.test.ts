import { GraphBuilder, OpcounterError } from "@opcounter/ir";
import { expect } from "chai";
import { count } from "../count.ts";
import { formula } from "../formulas/formula.ts";
import { sidesOf } from "../formulas/pooling.ts";
import { convention, readConvention } from "./convention.ts";

const own = { name: "own@1", description: "", unit: "macs" as const };

function complaint(texts: object): string {
  try {
    readConvention({ ...own, kernels: {}, ...texts });
  } catch (error) {
    if (error instanceof OpcounterError) return error.message;
    throw error;
  }
  return "";
}

describe("a convention", () => {
  it("is refused by the compiler, and when it is read, where a symbol is not there", () => {
    const definitions = [
      // @ts-expect-error: a matrix product has no window
      () => convention({ ...own, kernels: { BatchMatMul: "M * K" } }),
      // @ts-expect-error: the features of a row are I
      () => convention({ ...own, kernels: {}, layers: { Dense: "R * F" } }),
      // @ts-expect-error: only layers have features
      () => convention({ ...own, kernels: {}, patterns: { softmax: "N * H" } }),
      // @ts-expect-error: V is brought by xla alone
      () => convention({ ...own, kernels: {}, transcendentals: { Conv2D: "V" } }),
    ];
    for (const definition of definitions)
      expect(definition).to.throw(OpcounterError, "has no symbol");
    // @ts-expect-error: the window is K
    formula("MaxPool", { symbols: { K: (op) => sidesOf(op, 2) }, flops: "(k - 1) * M" });
  });

  it("is refused in a sentence that names convention, kernel and symbol", () => {
    expect(complaint({ kernels: { Relu: "M * Q" } })).to.equal(
      'The convention own@1 counts Relu by "M * Q", and Relu has no symbol Q. It has N, M.',
    );
    expect(complaint({ kernels: { Relu: "M * toString" } })).to.include("no symbol toString");
    expect(complaint({ kernels: { Conv2D: "M * ci" } })).to.include('Did you mean "Ci"?');
    expect(complaint({ layers: { Dense: "R * F" } })).to.include("Dense has no symbol F");
  });

  it("is refused where its unit, a kernel, a pattern or an expression is none", () => {
    expect(complaint({})).to.equal("");
    expect(complaint({ unit: "adds" })).to.include('the unit "adds"');
    expect(complaint({ kernels: { Conv2d: "M" } })).to.include('Did you mean "Conv2D"?');
    expect(complaint({ patterns: { "layer-nrm": "N" } })).to.include('Did you mean "layer-norm"?');
    expect(complaint({ kernels: { Relu: "max(N)" } })).to.include("max 1 of 2 operands");
  });

  it("is refused where a table is none, as in a plugin that no compiler has checked", () => {
    for (const table of ["kernels", "layers", "patterns"]) {
      for (const none of [null, [], "M"]) {
        expect(complaint(JSON.parse(JSON.stringify({ [table]: none })))).to.equal(
          `The convention own@1 has ${table} that are no object; give ${table} as { name: "text" }, or leave them out.`,
        );
      }
    }
  });

  it("is refused where a part is none, which would count 0 without a word", () => {
    expect(complaint({ kernel: { Relu: "M" } })).to.equal(
      'The convention own@1 has no part "kernel". Did you mean "kernels"? There are name, description, unit, symbols, kernels, layers, patterns, macs, transcendentals.',
    );
    expect(complaint({ symbols: { MaxPol: {} } })).to.equal(
      'The convention own@1 has symbols of MaxPol, which is no kernel of TensorFlow.js. Did you mean "MaxPool"?',
    );
    expect(complaint({ kernels: { Relu: 5 } })).to.equal(
      'The convention own@1 counts Relu by 5; write the expression as text, such as "2 * M".',
    );
  });

  it("is refused where a total can be negative", () => {
    expect(complaint({ kernels: { Sum: "N - M" } })).to.equal(
      'The convention own@1 counts Sum by "N - M", which can be negative; write max(N - M, 0), or mend the text.',
    );
    expect(complaint({ kernels: { Sum: "max(N - M, 0)", MaxPool: "(K - 1) * M" } })).to.equal("");
  });

  it("brings symbols of its own, computed only where a text has them", () => {
    const asked: string[] = [];
    const symbol = (name: string) => () => {
      asked.push(name);
      return 10;
    };
    const brought = readConvention({
      ...own,
      kernels: { Relu: "M * price" },
      symbols: { Relu: { price: symbol("price"), unused: symbol("unused") } },
    });
    const builder = new GraphBuilder("relu");
    const type = { dtype: "float32" as const, shape: [4] };
    const x = builder.input("x", type);
    builder.setResults(builder.op({ kernel: "Relu", operands: { x }, results: [type] }));
    const graph = builder.build();
    expect(count(graph, { convention: brought }).macs).to.equal(40);
    expect(asked).to.deep.equal(["price"]);
    expect(count(graph).macs).to.equal(0);
  });

  it("may give MACs and transcendentals beside FLOPs, and no MACs beside MACs", () => {
    const both = readConvention({
      ...own,
      unit: "flops",
      kernels: { BatchMatMul: "2 * M * k" },
      macs: { BatchMatMul: "M * k" },
    });
    const builder = new GraphBuilder("product");
    const [a, b] = [
      [2, 3],
      [3, 5],
    ].map((shape, i) => builder.input(`x${i}`, { dtype: "float32", shape }));
    if (a === undefined || b === undefined) throw new Error("two inputs");
    builder.op({
      kernel: "BatchMatMul",
      operands: { a, b },
      attrs: { transposeA: false, transposeB: false },
      results: [{ dtype: "float32", shape: [2, 5] }],
    });
    const { macs, flops } = count(builder.build(), { convention: both });
    expect([macs, flops]).to.deep.equal([30, 60]);
    expect(complaint({ macs: {} })).to.include('has the unit "macs" and macs beside it');
  });

  it("is refused where a symbol of its own is negative, which would make a total so", () => {
    const owing = readConvention({
      ...own,
      kernels: { Relu: "M * debt" },
      symbols: { Relu: { debt: () => -1 } },
    });
    const builder = new GraphBuilder("relu");
    const type = { dtype: "float32" as const, shape: [4] };
    const x = builder.input("x", type);
    builder.op({ kernel: "Relu", operands: { x }, results: [type] });
    expect(() => count(builder.build(), { convention: owing })).to.throw(
      OpcounterError,
      "The symbol debt of op 0 (Relu) is -1, which is no integer of at least 0",
    );
  });
});
