import { expect } from "chai";
import fc from "fast-check";
import { evaluate, evaluateFraction } from "./evaluate.ts";
import { type Expression, parseExpression, type Symbols, symbolsIn } from "./expression.ts";
import { format } from "./format.ts";
import type { Integer } from "./integer.ts";

function value(text: string, symbols: Symbols = {}): Integer {
  return evaluate(parseExpression(text), symbols);
}

/** Expressions of + − * over small numbers and the symbols a and b. */
const expressions: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.nat(99).map((value): Expression => ({ kind: "number", digits: String(value) })),
    fc.constantFrom("a", "b").map((name): Expression => ({ kind: "symbol", name })),
    fc
      .tuple(fc.constantFrom("+" as const, "-" as const, "*" as const), tie("tree"), tie("tree"))
      .map(([kind, left, right]): Expression => ({ kind, left, right })),
  ),
})).tree;

/** Expressions of everything there is, divisions by what is never 0. */
const anyExpressions: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.nat(99).map((value): Expression => ({ kind: "number", digits: String(value) })),
    fc.constantFrom("a", "b", "shape").map((name): Expression => ({ kind: "symbol", name })),
    fc
      .tuple(fc.constantFrom("+" as const, "-" as const, "*" as const), tie("tree"), tie("tree"))
      .map(([kind, left, right]): Expression => ({ kind, left, right })),
    fc.tuple(tie("tree"), fc.integer({ min: 1, max: 64 })).map(([left, by]): Expression => {
      return { kind: "/", left, right: { kind: "number", digits: String(by) } };
    }),
    fc
      .tuple(fc.constantFrom("floor" as const, "ceil" as const, "log2" as const), tie("tree"))
      .map(([name, operand]): Expression => ({ kind: "call", name, operands: [operand] })),
    fc
      .tuple(fc.constantFrom("max" as const, "min" as const), tie("tree"), tie("tree"))
      .map(([name, a, b]): Expression => ({ kind: "call", name, operands: [a, b] })),
  ),
})).tree;

/** The form people see, as the parser reads it. */
function readable(expression: Expression): string {
  return format(expression).replaceAll("−", "-").replaceAll("·", "*");
}

describe("expression", () => {
  it("binds products before sums, and reads from the left", () => {
    expect(value("2 + 3 * 4 - 1")).to.equal(13);
    expect(value("10 - 4 - 3")).to.equal(3);
    expect(value("(1 + 2) * (3 + 4)")).to.equal(21);
    expect(value("8 / 2 / 2")).to.equal(2);
  });

  it("knows its functions", () => {
    expect(value("floor(7 / 2) + ceil(7 / 2)")).to.equal(7);
    expect(value("max(a, 3) - min(a, 3)", { a: 5 })).to.equal(2);
    expect([1, 2, 3, 4, 5, 8, 9].map((a) => value("log2(a)", { a }))).to.deep.equal([
      0, 1, 2, 2, 3, 3, 4,
    ]);
  });

  it("is exact past 2^53", () => {
    expect(value("a * a + 1", { a: 2 ** 52 })).to.equal(2n ** 104n + 1n);
    expect(value("a / 3 * 3", { a: 2n ** 80n })).to.equal(2n ** 80n);
  });

  it("switches to big integers where anything on the way passes 2^53", () => {
    expect(value("a * a - a * a + 1", { a: 2 ** 30 })).to.equal(1);
    expect(value("floor(a * b / b)", { a: 2 ** 52, b: 3 })).to.equal(2 ** 52);
    expect(value("a", { a: [2 ** 30, 2 ** 30, 0] })).to.equal(0);
  });

  it("gives what fractions of big integers give, on whatever is near or past 2^53", () => {
    const size = fc.oneof(fc.nat(9), fc.integer({ min: 2 ** 25, max: 2 ** 54 - 1 }));
    fc.assert(
      fc.property(anyExpressions, size, size, fc.array(size), (expression, a, b, dimensions) => {
        const symbols = { a, b, shape: dimensions };
        const { top, bottom } = evaluateFraction(expression, symbols);
        if (bottom !== 1n) {
          expect(() => evaluate(expression, symbols)).to.throw("no integer");
          return;
        }
        const found = evaluate(expression, symbols);
        expect(BigInt(found)).to.equal(top);
        expect(typeof found === "number", `${found} is a number`).to.equal(
          Number.isSafeInteger(Number(top)),
        );
        expect(Object.is(found, -0)).to.equal(false);
      }),
      { numRuns: 2000 },
    );
  });

  it("reads decimals exactly", () => {
    expect(evaluateFraction(parseExpression("0.1 + 0.2"), {})).to.deep.equal({
      top: 3n,
      bottom: 10n,
    });
    expect(value("0.5 * a", { a: 6 })).to.equal(3);
    expect(format(parseExpression("3.70 * a"))).to.equal("3.70·a");
  });

  it("takes no name for a symbol that only every object has", () => {
    expect(() => value("M * toString", { M: 1 })).to.throw("the symbol toString has no value");
  });

  it("refuses what is no integer, and symbols without a value", () => {
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
    expect([...symbolsIn(parseExpression("max(K, 1) * M - K"))]).to.deep.equal(["K", "M"]);
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

describe("parseExpression, of what has no end", () => {
  it("refuses it, however it is long", () => {
    const texts = ["(".repeat(100_000), `1${"+1".repeat(100_000)}`, "max(".repeat(100_000)];
    for (const text of texts) {
      expect(() => parseExpression(text)).to.throw(/^"[^"]{41}" has more than 1000 numbers/);
    }
    const longest = `1${"+1".repeat(499)}`;
    expect(value(longest)).to.equal(500);
  });
});
