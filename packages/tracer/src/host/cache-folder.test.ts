import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { cacheFolder } from "./cache-folder.ts";

describe("cacheFolder", () => {
  const before = { HOME: process.env["HOME"], XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] };
  afterEach(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it("is in no folder of the program's, where a variable is relative or a home is missing", function () {
    process.env["XDG_CACHE_HOME"] = "relative";
    if (process.platform !== "linux") this.skip();
    expect(cacheFolder()).to.equal(join(homedir(), ".cache", "opcounter"));
    process.env["HOME"] = "";
    expect(cacheFolder()).to.equal("/nonexistent/.cache/opcounter");
  });

  it("is in the folder that XDG_CACHE_HOME names, else in the user's own", function () {
    process.env["XDG_CACHE_HOME"] = resolve("a", "cache");
    expect(cacheFolder()).to.equal(resolve("a", "cache", "opcounter"));
    if (process.platform !== "linux") this.skip();
    // Empty is the same as not set.
    process.env["XDG_CACHE_HOME"] = "";
    expect(cacheFolder()).to.equal(join(homedir(), ".cache", "opcounter"));
  });
});
