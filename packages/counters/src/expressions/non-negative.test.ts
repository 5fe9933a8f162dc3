import { expect } from "chai";
import fc from "fast-check";
import { evaluateFraction } from "./evaluate.ts";
import { type Expression, parseExpression } from "./expression.ts";
import { isNeverNegative, type SymbolFacts } from "./non-negative.ts";

/** K is at least 1, b is 0 or 1, N is R·F, and of anything else it is known that it is at least 0. */
const facts = (name: string): SymbolFacts => ({
  least: name === "K" || name === "F" ? 1 : 0,
  isFlag: name === "b",
  ...(name === "N" ? { product: ["R", "F"] } : {}),
});
const passes = (text: string) => isNeverNegative(parseExpression(text), facts);

describe("isNeverNegative", () => {
  it("passes what algebra shows", () => {
    for (const text of [
      "M * 2 + 0",
      "(K - 1) * M",
      "M * (K * F - 1 + b)",
      "4 * N - 2 * R",
      "1 - b",
      "max(M - K, 0)",
      "floor(M / K) + 1",
      "M - M",
      "(2 * K - 1) * M / 2",
      "log2(M - K)",
    ]) {
      expect(passes(text), text).to.equal(true);
    }
  });

  it("refuses what can be negative", () => {
    for (const text of ["M - K", "0 - M", "M - 1", "2 * M - 3 * M", "min(M - K, M)", "b - 2"]) {
      expect(passes(text), text).to.equal(false);
    }
  });

  it("passes nothing that is negative anywhere", () => {
    const trees: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.nat(3).map((value): Expression => ({ kind: "number", digits: String(value) })),
        fc.constantFrom("K", "M", "R", "F", "N", "b").map((name): Expression => {
          return { kind: "symbol", name };
        }),
        fc
          .tuple(
            fc.constantFrom("+" as const, "-" as const, "*" as const),
            tie("tree"),
            tie("tree"),
          )
          .map(([kind, left, right]): Expression => ({ kind, left, right })),
        fc
          .tuple(fc.constantFrom("max" as const, "min" as const), tie("tree"), tie("tree"))
          .map(([name, a, b]): Expression => ({ kind: "call", name, operands: [a, b] })),
      ),
    })).tree;
    const positive = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(trees, positive, positive, fc.nat(5), fc.nat(5), fc.nat(1), (tree, ...sizes) => {
        const [K, F, R, M, b] = sizes;
        if (!isNeverNegative(tree, facts)) return;
        expect(evaluateFraction(tree, { K, F, R, M, b, N: R * F }).top >= 0n).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });
});
