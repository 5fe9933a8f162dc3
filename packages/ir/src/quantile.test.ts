import { expect } from "chai";
import { median, quantile } from "./quantile.ts";

describe("quantiles", () => {
  it("are interpolated between the values", () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
    expect(quantile([0, 10], 0.25)).to.equal(2.5);
    expect(() => median([])).to.throw(RangeError);
  });
});
