import { homedir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { cacheFolder } from "./cache-folder.ts";

describe("cacheFolder", () => {
  const { XDG_CACHE_HOME } = process.env;
  afterEach(() => {
    if (XDG_CACHE_HOME === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = XDG_CACHE_HOME;
  });

  it("is in the folder that XDG_CACHE_HOME names, else in the user's own", function () {
    process.env["XDG_CACHE_HOME"] = join("a", "cache");
    expect(cacheFolder()).to.equal(join("a", "cache", "opcounter"));
    if (process.platform !== "linux") this.skip();
    // Empty is the same as not set.
    process.env["XDG_CACHE_HOME"] = "";
    expect(cacheFolder()).to.equal(join(homedir(), ".cache", "opcounter"));
  });
});
