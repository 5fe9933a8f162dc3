import { expect } from "chai";
import { amount, inUnit, shortAmount } from "./numbers.ts";

describe("an amount that is no integer", () => {
  it("has three digits or more, however small it is", () => {
    const texts: readonly (readonly [value: number, text: string])[] = [
      [0, "0"],
      [4.6e-12, "4.600e-12"],
      [0.000_99, "0.0009900"],
      [0.001_49, "0.001490"],
      [0.0951, "0.09510"],
      [0.951, "0.951"],
      [12.5, "12.5"],
    ];
    for (const [value, text] of texts) {
      expect(amount(value)).to.equal(text);
      expect(shortAmount(value)).to.equal(text);
    }
    expect(inUnit(0.001_49, "J")).to.equal("0.001490 J");
  });
});
