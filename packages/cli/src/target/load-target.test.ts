import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { tracing } from "./load-target.ts";

describe("what is said while a target is traced", () => {
  const folder = mkdtempSync(join(tmpdir(), "opcounter-"));
  after(() => rmSync(folder, { recursive: true }));

  it("is that it runs, or of a saved graph that it is read", () => {
    const saved = join(folder, "saved.ir");
    writeFileSync(saved, "");
    const runner = { where: "on the virtual device" };
    expect(tracing(saved, runner)).to.equal(`Reading ${saved}`);
    expect(tracing("resnet18", runner)).to.equal("Running resnet18 on the virtual device");
  });
});
