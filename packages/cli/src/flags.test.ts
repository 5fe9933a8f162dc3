import { expect } from "chai";
import { inFlags } from "./flags.ts";

describe("inFlags", () => {
  it("says an option as the command line takes it: texts, numbers, lists of one, switches", () => {
    expect(inFlags('use { device: "gpu" } now')).to.equal("use --device gpu now");
    expect(inFlags("allow { maxBytes: 4096 }.")).to.equal("allow --max-bytes 4096.");
    expect(inFlags('{ allowHost: ["a.example"] }')).to.equal("--allow-host a.example");
    expect(inFlags("{ time: true }")).to.equal("--time");
    expect(inFlags("{ a: 1, b: 2 }")).to.equal("{ a: 1, b: 2 }");
  });
});
