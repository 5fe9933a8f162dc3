import { expect } from "chai";
import { parseLimits } from "./limits.ts";

describe("parseLimits", () => {
  it("refuses a limit that is given twice, or is 0", () => {
    expect(() => parseLimits("maxBufferSize=1,maxBufferSize=2")).to.throw(
      'The limit maxBufferSize is given twice in "maxBufferSize=1,maxBufferSize=2"',
    );
    expect(() => parseLimits("maxBufferSize=0KiB")).to.throw("The limit maxBufferSize is 0");
  });
});
