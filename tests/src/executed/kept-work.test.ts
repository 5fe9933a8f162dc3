import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DispatchWork, noWork } from "@opcounter/executed";
import { expect } from "chai";
import { KeptWork } from "../../../packages/cli/src/executed/kept-work.ts";
import { temporaryFolder } from "../command-line.ts";

const WORK: DispatchWork = {
  ...{ work: noWork(), idle: noWork(), invocations: 1, idleInvocations: 0 },
  ...{ barriers: 0, divergences: 0, classes: 1 },
};

describe("the file of what earlier runs counted", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  it("keeps as much as it is to, of what was used last", () => {
    const path = join(folder.path, "executed.json");
    const first = new KeptWork(path, 3);
    for (const key of ["a", "b", "c"]) first.set(key, WORK);
    first.keep();
    const second = new KeptWork(path, 3);
    expect(second.get("a")).to.deep.equal(WORK);
    second.set("d", WORK);
    second.keep();
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8")))).to.deep.equal(["c", "a", "d"]);
  });
});
