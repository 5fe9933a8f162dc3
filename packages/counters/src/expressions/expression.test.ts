import { expect } from "chai";
import fc from "fast-check";
import { type Expression, evaluate, format, parseExpression, symbolsIn } from "./expression.ts";

function value(text: string, symbols: Record<string, number | bigint> = {}): bigint {
  return evaluate(parseExpression(text), symbols);
}

/** Expressions of + − * over small numbers and the symbols a and b. */
const expressions: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.bigInt(0n, 99n).map((value): Expression => ({ kind: "number", value })),
    fc.constantFrom("a", "b").map((name): Expression => ({ kind: "symbol", name })),
    fc
      .tuple(fc.constantFrom("+" as const, "-" as const, "*" as const), tie("tree"), tie("tree"))
      .map(([kind, left, right]): Expression => ({ kind, left, right })),
  ),
})).tree;

/** The form people see, as the parser reads it. */
function readable(expression: Expression): string {
  return format(expression).replaceAll("−", "-").replaceAll("·", "*");
}

describe("expression", () => {
  it("binds products before sums, and reads from the left", () => {
    expect(value("2 + 3 * 4 - 1")).to.equal(13n);
    expect(value("10 - 4 - 3")).to.equal(3n);
    expect(value("(1 + 2) * (3 + 4)")).to.equal(21n);
    expect(value("8 / 2 / 2")).to.equal(2n);
  });

  it("knows its functions", () => {
    expect(value("floor(7 / 2) + ceil(7 / 2)")).to.equal(7n);
    expect(value("max(a, 3) - min(a, 3)", { a: 5 })).to.equal(2n);
    expect([1, 2, 3, 4, 5, 8, 9].map((a) => value("log2(a)", { a }))).to.deep.equal([
      0n,
      1n,
      2n,
      2n,
      3n,
      3n,
      4n,
    ]);
  });

  it("is exact past 2^53", () => {
    expect(value("a * a + 1", { a: 2 ** 52 })).to.equal(2n ** 104n + 1n);
    expect(value("a / 3 * 3", { a: 2n ** 80n })).to.equal(2n ** 80n);
  });

  it("refuses what is no whole number, and symbols without a value", () => {
    expect(() => value("1 / 2")).to.throw("1/2");
    expect(() => value("1 / 0")).to.throw("division by zero");
    expect(() => value("K * M", { K: 1 })).to.throw("the symbol M has no value");
  });

  it("refuses what it cannot read", () => {
    for (const text of [
      "",
      "2 +",
      "(1",
      "1 2",
      "a $ b",
      "sine(1)",
      "* 3",
      "max(1)",
      "floor(7, 9)",
      "min(1, 2, 3)",
    ]) {
      expect(() => parseExpression(text), text).to.throw();
    }
  });

  it("names the symbols it uses", () => {
    expect(symbolsIn(parseExpression("max(K, 1) * M - K"))).to.deep.equal(["K", "M", "K"]);
  });

  it("is shown in symbols and with numbers", () => {
    const expression = parseExpression("2 * (K - 1) * M + b * M");
    expect(format(expression)).to.equal("2·(K − 1)·M + b·M");
    expect(format(expression, { K: 4, M: 10, b: 0 })).to.equal("2·(4 − 1)·10 + 0·10");
  });

  it("means the same when what is shown is read again", () => {
    fc.assert(
      fc.property(expressions, fc.nat(50), fc.nat(50), (expression, a, b) => {
        const again = parseExpression(readable(expression));
        expect(evaluate(again, { a, b })).to.equal(evaluate(expression, { a, b }));
      }),
    );
  });
});
