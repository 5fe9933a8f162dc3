import { expect } from "chai";
import fc from "fast-check";
import { whole } from "./fraction.ts";
import { evaluatePolynomial, formatPolynomial, interpolate } from "./polynomial.ts";

describe("polynomial", () => {
  it("finds the polynomial that made the values, in any number of variables", () => {
    const coefficient = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
    const table = fc.array(coefficient, { minLength: 9, maxLength: 9 });
    const grid = [
      [1, 2, 5],
      [3, 4, 8],
    ];
    fc.assert(
      fc.property(table, fc.nat(50), fc.nat(50), (coefficients, x, y) => {
        const value = ([a = 0, b = 0]: readonly number[]) =>
          coefficients.reduce(
            (sum, c, i) =>
              sum + c * BigInt(a) ** BigInt(Math.floor(i / 3)) * BigInt(b) ** BigInt(i % 3),
            0n,
          );
        const found = interpolate(["x", "y"], grid, (point) => whole(value(point)));
        expect(evaluatePolynomial(found, [x, y])).to.deep.equal({ top: value([x, y]), bottom: 1n });
      }),
    );
  });

  it("is written as people write it", () => {
    const found = interpolate(
      ["batch", "sequence"],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
      ([b = 0, s = 0]) => whole(BigInt(3 * b * s * s - b + 7)),
    );
    expect(formatPolynomial(found)).to.equal("3·batch·sequence² − batch + 7");
    const triangle = interpolate(["n"], [[1, 2, 3]], ([n = 0]) => whole(BigInt((n * (n + 1)) / 2)));
    expect(formatPolynomial(triangle)).to.equal("1/2·n² + 1/2·n");
    expect(formatPolynomial(interpolate(["n"], [[1, 2]], () => whole(0n)))).to.equal("0");
  });
});
